namespace SqueezeBert.Tokenization;

/// <summary>
/// The part of the original text that a token stands for: text[Start..End], in UTF-16 code units. Special tokens have (0, 0).
/// </summary>
/// <param name="Start">The index of the first UTF-16 code unit, from 0.</param>
/// <param name="End">The index after the last UTF-16 code unit.</param>
public readonly record struct TokenOffset(int Start, int End);
