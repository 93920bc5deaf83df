export default (number: number): number => 2 * number;
