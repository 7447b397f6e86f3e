using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>The hidden states of a text's tokens.</summary>
public sealed class TextFeatures
{
    private readonly float[] _values;
    private readonly int[] _ids;
    private readonly TokenOffset[] _offsets;

    internal TextFeatures(float[] values, int width, int[] ids, TokenOffset[] offsets, in ReadText read)
    {
        _values = values;
        Width = width;
        _ids = ids;
        _offsets = offsets;
        IsTruncated = read.IsTruncated;
        WindowCount = read.WindowCount;
    }

    /// <summary>Tokens, [CLS] first and [SEP] last. A model of static embeddings reads neither, and a text may have no token.</summary>
    public int TokenCount => _ids.Length;

    /// <summary>Channels of a token.</summary>
    public int Width { get; }

    /// <summary>[<see cref="TokenCount"/>, <see cref="Width"/>], row-major; its own array.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>The tokens' ids.</summary>
    public ReadOnlyMemory<int> TokenIds => _ids;

    /// <summary>Where each token is in the text, in UTF-16 code units; (0, 0) for the special ones.</summary>
    public ReadOnlyMemory<TokenOffset> Offsets => _offsets;

    /// <summary>Whether the end of the text was cut off because it has more tokens than the model reads.</summary>
    public bool IsTruncated { get; }

    /// <summary>Windows that the text was read in.</summary>
    public int WindowCount { get; }

    /// <summary>The hidden state of a token.</summary>
    public ReadOnlySpan<float> this[int token] => _values.AsSpan(token * Width, Width);
}
