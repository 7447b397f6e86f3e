using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tokenization;

/// <summary>A text or a pair of texts as tokens. Immutable; shares no memory with any other encoding.</summary>
public sealed class TextEncoding
{
    private readonly Vocabulary _vocabulary;
    private readonly int[] _ids;
    private readonly byte[]? _places;
    private readonly SequenceLayout _layout;

    // Made when they are first asked for; threads that do so at once make equal ones.
    private string[]? _tokens;
    private int[]? _typeIds;
    private int[]? _sequenceIds;
    private byte[]? _specialTokensMask;
    private TokenOffset[]? _offsets;
    private int[]? _wordIds;

    /// <param name="vocabulary">The spelling of the ids.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="places">Offsets and word ids of the texts' tokens (<see cref="PackedPlaces"/>); null: not kept.</param>
    /// <param name="layout">Where the texts' tokens are.</param>
    /// <param name="overflowing">The other windows.</param>
    /// <param name="isTruncated">Whether tokens were cut off.</param>
    internal TextEncoding(Vocabulary vocabulary, int[] ids, byte[]? places, SequenceLayout layout, IReadOnlyList<TextEncoding> overflowing,
        bool isTruncated)
    {
        _vocabulary = vocabulary;
        _ids = ids;
        _places = places;
        _layout = layout;
        Overflowing = overflowing;
        IsTruncated = isTruncated;
    }

    /// <summary>The number of tokens.</summary>
    public int Length => _ids.Length;

    /// <summary>The tokens' ids.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>The tokens' ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> IdsMemory => _ids;

    /// <summary>The tokens as the vocabulary spells them.</summary>
    public IReadOnlyList<string> Tokens => _tokens ??= Array.ConvertAll(_ids, id => _vocabulary[id]);

    /// <summary>Token type ids: 0 in the first text, 1 in the second, special tokens as the text before them.</summary>
    public ReadOnlySpan<int> TypeIds => _typeIds ??= _layout.TypeIds();

    /// <summary>Token type ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> TypeIdsMemory => _typeIds ??= _layout.TypeIds();

    /// <summary>
    /// Where each token is in its original text, in UTF-16 units; (0, 0) for special tokens; empty where offsets were not asked for.
    /// </summary>
    public ReadOnlySpan<TokenOffset> Offsets => _offsets ??= UnpackOffsets();

    /// <summary>
    /// The number of the word that each token belongs to, from 0 in each text; -1 for special tokens; empty where offsets were not asked
    /// for.
    /// </summary>
    public ReadOnlySpan<int> WordIds => _wordIds ??= UnpackWordIds();

    /// <summary>0 for tokens of the first text, 1 for those of the second, -1 for special tokens.</summary>
    public ReadOnlySpan<int> SequenceIds => _sequenceIds ??= _layout.SequenceIds();

    /// <summary>1 for the special tokens that were added around the texts, else 0.</summary>
    public ReadOnlySpan<byte> SpecialTokensMask => _specialTokensMask ??= _layout.SpecialTokensMask();

    /// <summary>The other windows of a truncated input, in the reference's order; empty unless asked for.</summary>
    public IReadOnlyList<TextEncoding> Overflowing { get; }

    /// <summary>Whether tokens were cut off.</summary>
    public bool IsTruncated { get; }

    private TokenOffset[] UnpackOffsets()
    {
        if (_places is null)
            return [];
        var offsets = new TokenOffset[Length];
        var position = 0;
        PackedPlaces.Unpack(_places, ref position, offsets.AsSpan(_layout.FirstStart, _layout.First), []);
        if (_layout.Second is { } second)
            PackedPlaces.Unpack(_places, ref position, offsets.AsSpan(_layout.SecondStart, second), []);
        return offsets;
    }

    private int[] UnpackWordIds()
    {
        if (_places is null)
            return [];
        var words = new int[Length];
        words.AsSpan().Fill(-1);
        var position = 0;
        PackedPlaces.Unpack(_places, ref position, [], words.AsSpan(_layout.FirstStart, _layout.First));
        if (_layout.Second is { } second)
            PackedPlaces.Unpack(_places, ref position, [], words.AsSpan(_layout.SecondStart, second));
        return words;
    }
}
