using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Holds out a part of a data set by a hash of the text. Training and evaluation then agree on the part for any order of the rows, and
/// equal texts are always in the same part.
/// </summary>
public static class HashSplit
{
    /// <summary>Returns the 64-bit FNV-1a hash of the text in UTF-8. A lone surrogate counts as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    public static ulong Hash(ReadOnlySpan<char> text) => HashedNumbers.Hash(text);

    /// <summary>
    /// Returns whether a text is held out, which is true for one of <paramref name="parts"/> parts. Its hash is then a multiple of that
    /// number.
    /// </summary>
    /// <param name="text">The text, as it is in the data file.</param>
    /// <param name="parts">The number of parts, 1 or more. 10 holds out a tenth.</param>
    public static bool IsHeldOut(ReadOnlySpan<char> text, int parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        return Hash(text) % (ulong)parts == 0;
    }
}
