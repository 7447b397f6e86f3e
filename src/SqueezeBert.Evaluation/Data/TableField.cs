namespace SqueezeBert.Evaluation;

/// <summary>A value that is added to a row.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Value">The text of the value.</param>
/// <param name="IsJson">
/// Whether the value is JSON (a number, true or an array). JSON lines then contain it unchanged instead of as a string.
/// </param>
public readonly record struct TableField(string Column, string Value, bool IsJson = false);
