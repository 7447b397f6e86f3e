using System.Globalization;
using System.Text;

namespace SqueezeBert.Evaluation.Squad;

/// <summary>
/// Lower case, white space and letters as Python has them, which the official SQuAD scores are defined by. The platform differs: it leaves
/// U+0130 as it is, knows no final sigma, and does not take U+001C to U+001F for white space.
/// </summary>
internal static class PythonText
{
    private const int CapitalSigma = 0x3A3;
    private const int DottedCapitalI = 0x130;

    /// <summary>str.lower().</summary>
    public static string Lower(string text)
    {
        if (Ascii.IsValid(text)) return text.ToLowerInvariant();
        var lower = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                lower.Append(text[i++]);
                continue;
            }

            if (rune.Value == DottedCapitalI) lower.Append("i\u0307");
            else if (rune.Value == CapitalSigma) lower.Append(IsFinalSigma(text, i) ? 'ς' : 'σ');
            else lower.Append(Rune.ToLowerInvariant(rune).ToString());
            i += length;
        }

        return lower.ToString();
    }

    /// <summary>str.isspace() of one character.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>Whether a regular expression's \w takes a character: str.isalnum() or an underscore, so no combining mark.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.GetUnicodeCategory(rune) is
        <= UnicodeCategory.OtherLetter
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // A letter with a case comes before, and none behind; marks, apostrophes and the like between them are passed over.
    private static bool IsFinalSigma(string text, int at)
    {
        var before = at;
        Rune rune;
        do
        {
            if (Rune.DecodeLastFromUtf16(text.AsSpan(0, before), out rune, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            before -= length;
        }
        while (IsIgnored(rune));
        if (!HasCase(rune)) return false;
        var behind = at + 1;
        do
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(behind), out rune, out var length) != System.Buffers.OperationStatus.Done) return true;
            behind += length;
        }
        while (IsIgnored(rune));
        return !HasCase(rune);
    }

    private static bool HasCase(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static bool IsIgnored(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter
        or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
