using SqueezeBert.Inference;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Which rows a value has, in a packed batch of texts.</summary>
internal enum RowSet
{
    /// <summary>Every token of every text, one after another.</summary>
    Tokens,

    /// <summary>The first token of each text.</summary>
    FirstTokens,

    /// <summary>The tokens that the batch names in <see cref="PackedBatch.SelectedRows"/> (masked positions).</summary>
    SelectedTokens,

    /// <summary>One row per text that stands for all its tokens (pooling).</summary>
    Texts,
}
