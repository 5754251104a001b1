/** A program that a text in the Common Expression Language says. */
export function parse(expression: string): (facts: object) => unknown;
