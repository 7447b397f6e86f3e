namespace SqueezeBert.Evaluation;

/// <summary>A value that is added to a row.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="Value">The value's text.</param>
/// <param name="IsJson">The value is JSON already (a number, true, an array): JSON lines take it as it is instead of as a string.</param>
public readonly record struct TableField(string Column, string Value, bool IsJson = false);
