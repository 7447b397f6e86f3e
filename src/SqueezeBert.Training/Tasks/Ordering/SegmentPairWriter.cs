using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Ordering;

/// <summary>
/// Pairs of segments, of which half are made wrong, and masks where words are learnt as well. The label of a pair is 1 where the second
/// segment does not follow the first; it stands among the labels of texts where there are masks.
/// </summary>
internal sealed class SegmentPairWriter(WrongSegment wrong, int maxLength, TokenMasking? masking) : ExampleWriter
{
    private const ulong OrderKey = 0x0BDE;
    private const int Attempts = 8;

    private readonly int[] _tokens = new int[maxLength];
    private readonly int[] _places = new int[maxLength];
    private readonly int[] _labels = new int[maxLength];

    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
    {
        var bits = HashedNumbers.Mix(key ^ OrderKey);
        var isWrong = (bits & 1) != 0;
        var (length, secondStart) = (example.Length, example.SecondStart);
        if (!isWrong) set.Tokens(example).CopyTo(_tokens);
        else if (wrong == WrongSegment.Other && Other(set, example, bits) is { } other)
            (length, secondStart) = Replace(set, example, other);
        else (length, secondStart) = Swap(set.Tokens(example), example.SecondStart);
        var tokens = _tokens.AsSpan(0, length);
        var firstRow = target.Batch.TokenCount;
        var masked = masking?.Apply(tokens, key, _places, _labels) ?? 0;
        AddTokens(target, tokens, secondStart);
        for (var i = 0; i < masked; i++)
        {
            target.Batch.Select(firstRow + _places[i]);
            target.Labels.AddClass(_labels[i]);
        }

        (masking is null ? target.Labels : target.Labels.Texts).AddClass(isWrong ? 1 : 0);
    }

    /// <summary>[CLS] A [SEP] B [SEP] becomes [CLS] B [SEP] A [SEP].</summary>
    private (int Length, int SecondStart) Swap(ReadOnlySpan<int> tokens, int secondStart)
    {
        var second = tokens[secondStart..];
        _tokens[0] = tokens[0];
        second.CopyTo(_tokens.AsSpan(1));
        tokens[1..secondStart].CopyTo(_tokens.AsSpan(1 + second.Length));
        return (tokens.Length, 1 + second.Length);
    }

    /// <summary>Puts the second segment of another example behind the first of this one, as much of it as fits.</summary>
    private (int Length, int SecondStart) Replace(ExampleSet set, Example example, Example other)
    {
        var tokens = set.Tokens(example)[..example.SecondStart];
        tokens.CopyTo(_tokens);
        var second = set.Tokens(other)[other.SecondStart..^1];
        second = second[..Math.Min(second.Length, maxLength - tokens.Length - 1)];
        second.CopyTo(_tokens.AsSpan(tokens.Length));
        _tokens[tokens.Length + second.Length] = tokens[^1];
        return (tokens.Length + second.Length + 1, tokens.Length);
    }

    // An example of another document; none where all that were looked at are of this one.
    private static Example? Other(ExampleSet set, Example example, ulong bits)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            bits = HashedNumbers.Mix(bits);
            var other = set[(int)(bits % (ulong)set.Count)];
            if (other.Label != example.Label) return other;
        }

        return null;
    }
}
