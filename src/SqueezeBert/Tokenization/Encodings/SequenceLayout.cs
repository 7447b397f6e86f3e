namespace SqueezeBert.Tokenization.Encodings;

/// <summary>Where the texts and the special tokens are in an encoding: [CLS] A [SEP], [CLS] A [SEP] B [SEP], A or A B.</summary>
/// <param name="First">The tokens of the first text.</param>
/// <param name="Second">The tokens of the second text; null where there is none.</param>
/// <param name="Special">Whether there are special tokens.</param>
internal readonly record struct SequenceLayout(int First, int? Second, bool Special)
{
    /// <summary>Special tokens around one text.</summary>
    internal const int SpecialTokensOfText = 2;

    /// <summary>Special tokens around a pair of texts.</summary>
    internal const int SpecialTokensOfPair = 3;

    /// <summary>The tokens in all.</summary>
    internal int Length =>
        First + (Second ?? 0) + (!Special ? 0 : Second is null ? SpecialTokensOfText : SpecialTokensOfPair);

    /// <summary>The place of the first text's first token.</summary>
    internal int FirstStart => Special ? 1 : 0;

    /// <summary>The place of the second text's first token.</summary>
    internal int SecondStart => First + (Special ? 2 : 0);

    /// <summary>0 up to the separator of the first text, 1 behind it.</summary>
    internal int[] TypeIds()
    {
        var ids = new int[Length];
        FillTypeIds(ids);
        return ids;
    }

    /// <summary>Writes <see cref="TypeIds"/> to memory of the caller's.</summary>
    internal void FillTypeIds(Span<int> ids)
    {
        ids.Clear();
        if (Second is not null)
            ids[SecondStart..].Fill(1);
    }

    /// <summary>0 in the first text, 1 in the second, -1 elsewhere.</summary>
    internal int[] SequenceIds()
    {
        var ids = new int[Length];
        ids.AsSpan().Fill(-1);
        ids.AsSpan(FirstStart, First).Clear();
        if (Second is { } second)
            ids.AsSpan(SecondStart, second).Fill(1);
        return ids;
    }

    /// <summary>1 where a special token is, else 0.</summary>
    internal byte[] SpecialTokensMask()
    {
        var mask = new byte[Length];
        mask.AsSpan().Fill(1);
        mask.AsSpan(FirstStart, First).Clear();
        if (Second is { } second)
            mask.AsSpan(SecondStart, second).Clear();
        return mask;
    }
}
