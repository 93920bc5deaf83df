// A metric with its samples, before it is written in one of the text formats.

export interface Sample {
  /** Behind the family's name: '_bucket', '_sum', '_count'. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  /** Of a counter without its `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly samples: readonly Sample[];
}
