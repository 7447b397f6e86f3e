namespace SqueezeBert.Tokenization;

/// <summary>A text or a pair of texts as tokens. Immutable; shares no memory with any other encoding.</summary>
public sealed class Encoding
{
    private readonly Vocabulary _vocabulary;
    private readonly EncodingData _data;
    private string[]? _tokens;

    internal Encoding(Vocabulary vocabulary, EncodingData data, IReadOnlyList<Encoding> overflowing, bool isTruncated)
    {
        _vocabulary = vocabulary;
        _data = data;
        Overflowing = overflowing;
        IsTruncated = isTruncated;
    }

    /// <summary>The number of tokens.</summary>
    public int Length => _data.Ids.Length;

    /// <summary>The tokens' ids.</summary>
    public ReadOnlySpan<int> Ids => _data.Ids;

    /// <summary>The tokens' ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> IdsMemory => _data.Ids;

    /// <summary>The tokens as the vocabulary spells them.</summary>
    public IReadOnlyList<string> Tokens => _tokens ??= Array.ConvertAll(_data.Ids, id => _vocabulary[id]);

    /// <summary>Token type ids: 0 in the first text, 1 in the second, special tokens as the text before them.</summary>
    public ReadOnlySpan<int> TypeIds => _data.TypeIds;

    /// <summary>Token type ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> TypeIdsMemory => _data.TypeIds;

    /// <summary>Where each token is in its original text, in UTF-16 units; (0, 0) for special tokens; empty where offsets were not asked for.</summary>
    public ReadOnlySpan<TokenOffset> Offsets => _data.Offsets;

    /// <summary>The number of the word that each token belongs to, from 0 in each text; -1 for special tokens; empty where offsets were not asked for.</summary>
    public ReadOnlySpan<int> WordIds => _data.WordIds;

    /// <summary>0 for tokens of the first text, 1 for those of the second, -1 for special tokens.</summary>
    public ReadOnlySpan<int> SequenceIds => _data.SequenceIds;

    /// <summary>1 for the special tokens that were added around the texts, else 0.</summary>
    public ReadOnlySpan<byte> SpecialTokensMask => _data.SpecialTokensMask;

    /// <summary>The other windows of a truncated input, in the reference's order; empty unless asked for.</summary>
    public IReadOnlyList<Encoding> Overflowing { get; }

    /// <summary>Whether tokens were cut off.</summary>
    public bool IsTruncated { get; }
}

/// <summary>The arrays of an <see cref="Encoding"/>, all of one length (offsets and word ids may be empty).</summary>
internal sealed record EncodingData(int[] Ids, int[] TypeIds, TokenOffset[] Offsets, int[] WordIds, int[] SequenceIds, byte[] SpecialTokensMask);
