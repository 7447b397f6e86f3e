using SqueezeBert.Inference;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>The set of rows of a value in a packed batch of texts.</summary>
internal enum RowSet
{
    /// <summary>Every token of every text, one after another.</summary>
    Tokens,

    /// <summary>The first token of each text.</summary>
    FirstTokens,

    /// <summary>The tokens in <see cref="PackedBatch.SelectedRows"/>, such as masked positions.</summary>
    SelectedTokens,

    /// <summary>One row per text, which represents all its tokens (pooling).</summary>
    Texts,
}
