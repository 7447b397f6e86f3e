namespace SqueezeBert.Tokenization;

/// <summary>
/// The part of the original text that a token stands for, in UTF-16 code units: text[Start..End]. Special tokens have (0, 0).
/// </summary>
/// <param name="Start">The first UTF-16 code unit, from 0.</param>
/// <param name="End">One after the last UTF-16 code unit.</param>
public readonly record struct TokenOffset(int Start, int End);
