using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tokenization;

/// <summary>A text or a pair of texts as tokens. Immutable; it shares no memory with other encodings.</summary>
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

    /// <summary>The token ids.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>The token ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> IdsMemory => _ids;

    /// <summary>The tokens, as the vocabulary spells them.</summary>
    public IReadOnlyList<string> Tokens => _tokens ??= Array.ConvertAll(_ids, id => _vocabulary[id]);

    /// <summary>The token type ids: 0 in the first text and 1 in the second. A special token has the id of the text before it.</summary>
    public ReadOnlySpan<int> TypeIds => _typeIds ??= _layout.TypeIds();

    /// <summary>The token type ids as memory, for callers that keep them.</summary>
    public ReadOnlyMemory<int> TypeIdsMemory => _typeIds ??= _layout.TypeIds();

    /// <summary>
    /// The position of each token in its original text, in UTF-16 code units. Special tokens have (0, 0). Empty if
    /// <see cref="EncodingOptions.ReturnOffsets"/> is false.
    /// </summary>
    public ReadOnlySpan<TokenOffset> Offsets => _offsets ??= UnpackOffsets();

    /// <summary>
    /// The number of the word that each token belongs to, from 0 in each text. Special tokens have -1. Empty if
    /// <see cref="EncodingOptions.ReturnOffsets"/> is false.
    /// </summary>
    public ReadOnlySpan<int> WordIds => _wordIds ??= UnpackWordIds();

    /// <summary>The text that each token belongs to: 0 for the first and 1 for the second. Special tokens have -1.</summary>
    public ReadOnlySpan<int> SequenceIds => _sequenceIds ??= _layout.SequenceIds();

    /// <summary>The special tokens mask: 1 for special tokens that were added around the texts, and 0 for all other tokens.</summary>
    public ReadOnlySpan<byte> SpecialTokensMask => _specialTokensMask ??= _layout.SpecialTokensMask();

    /// <summary>
    /// The other windows of a truncated input, in the order of the reference. Empty unless <see cref="EncodingOptions.ReturnOverflowing"/>
    /// is true.
    /// </summary>
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
