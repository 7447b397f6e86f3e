namespace SqueezeBert.Tests.Tokenization;

/// <summary>Endless texts of one thing: words, marks, what is dropped, what separates words.</summary>
internal static class LongTexts
{
    internal static readonly string[] Units =
    [
        "a", "\u00E9", "a\u0301", "\u0301", "\u302E\u0316", "\u302E", "\u0000", "\uD800", "\U0001F600", "\uAC00", " ", "\u3000", "\u0416",
        "\u0130", "\u0344", "a\u302E\u0000\u0316",
    ];

    /// <summary>What also has a token for each of its characters.</summary>
    internal static readonly string[] Tokens = ["\u4E2D", "[", "[MASK", "[MASK]", ".", "a ", "\u037E\u302E", "caf\u00E9 "];

    internal static string Of(string unit, int length) => string.Concat(Enumerable.Repeat(unit, length / unit.Length));
}
