using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>The hidden states of a text's tokens.</summary>
public sealed class TextFeatures
{
    /// <summary>[<see cref="TokenCount"/>, <see cref="Width"/>], row-major; its own array.</summary>
    public required ReadOnlyMemory<float> Values { get; init; }

    /// <summary>The tokens' ids, [CLS] first and [SEP] last.</summary>
    public required ReadOnlyMemory<int> TokenIds { get; init; }

    /// <summary>Where each token is in the text, in UTF-16 code units; (0, 0) for the special ones.</summary>
    public required ReadOnlyMemory<TokenOffset> Offsets { get; init; }

    /// <summary>What was read of the text.</summary>
    public required ReadInfo Read { get; init; }

    /// <summary>Tokens, [CLS] first and [SEP] last. A model of static embeddings reads neither, and a text may have no token.</summary>
    public int TokenCount => TokenIds.Length;

    /// <summary>Channels of a token.</summary>
    public required int Width { get; init; }

    /// <summary>The hidden state of a token.</summary>
    public ReadOnlySpan<float> this[int token] => Values.Span.Slice(token * Width, Width);
}
