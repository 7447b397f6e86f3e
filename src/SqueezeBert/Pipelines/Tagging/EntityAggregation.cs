namespace SqueezeBert;

/// <summary>
/// How the labels of tokens are combined into entities. The values correspond to the aggregation strategies of transformers'
/// token-classification pipeline.
/// </summary>
public enum EntityAggregation
{
    /// <summary>Each token is an entity of its own, with the full name of its label ("B-PER").</summary>
    None,

    /// <summary>Adjacent tokens with the same kind of label form an entity, even if the pieces of one word have different labels.</summary>
    Simple,

    /// <summary>Like <see cref="Simple"/>, but for whole words. Each word has the label of its first piece.</summary>
    First,

    /// <summary>
    /// Like <see cref="Simple"/>, but for whole words. Each word has the label with the highest mean score over its pieces.
    /// </summary>
    Average,

    /// <summary>Like <see cref="Simple"/>, but for whole words. Each word has the label of the piece with the highest score.</summary>
    Max,
}
