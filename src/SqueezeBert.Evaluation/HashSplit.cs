using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Holds out a part of a data set by the text alone, so that training and evaluation agree on it whatever the order of the rows, and equal
/// texts fall on the same side.
/// </summary>
public static class HashSplit
{
    /// <summary>FNV-1a, 64 bits, of the text's UTF-8 bytes (a lone surrogate counts as U+FFFD).</summary>
    public static ulong Hash(ReadOnlySpan<char> text) => HashedNumbers.Hash(text);

    /// <summary>Whether a text belongs to the held-out one of <paramref name="parts"/> parts: its hash is a multiple of them.</summary>
    /// <param name="text">The text as the data file has it.</param>
    /// <param name="parts">At least 1; 10 holds a tenth out.</param>
    public static bool IsHeldOut(ReadOnlySpan<char> text, int parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        return Hash(text) % (ulong)parts == 0;
    }
}
