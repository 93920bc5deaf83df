// Makes garbage, much of which lives on for a while.
const kept: object[] = [];
for (let at = 0; at < 3_000_000; at++) kept[at % 200_000] = { at };
