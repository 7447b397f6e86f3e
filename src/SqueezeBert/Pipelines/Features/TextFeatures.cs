using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>The hidden states of the tokens of a text.</summary>
public sealed class TextFeatures
{
    /// <summary>
    /// The hidden states with the shape [<see cref="TokenCount"/>, <see cref="Width"/>], in row-major order. The array belongs to this
    /// result.
    /// </summary>
    public required ReadOnlyMemory<float> Values { get; init; }

    /// <summary>The token ids, from [CLS] to [SEP].</summary>
    public required ReadOnlyMemory<int> TokenIds { get; init; }

    /// <summary>The position of each token in the text, in UTF-16 code units. Special tokens have (0, 0).</summary>
    public required ReadOnlyMemory<TokenOffset> Offsets { get; init; }

    /// <summary>How much of the text was read.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>
    /// The number of tokens, including [CLS] and [SEP]. A model of static embeddings reads neither of them, so a text may have no tokens.
    /// </summary>
    public int TokenCount => TokenIds.Length;

    /// <summary>The number of channels of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>The hidden state of a token.</summary>
    /// <param name="token">The index of the token, from 0.</param>
    public ReadOnlySpan<float> this[int token] => Values.Span.Slice(token * Width, Width);
}
