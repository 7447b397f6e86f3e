namespace SqueezeBert;

/// <summary>
/// How a <see cref="TokenClassifier"/> reads texts and makes entities. A long text is truncated where <see
/// cref="PipelineOptions.Reading"/> does not say otherwise. Windows overlap by half; each token's scores come from one window: of two
/// that see it, the overlap's first half belongs to the earlier and the second to the later. Entities are made of the scores of the whole
/// text, so they may cross from one window to the next.
/// </summary>
public sealed record TokenClassifierOptions : PipelineOptions
{
    /// <summary>How the labels of tokens become entities.</summary>
    public EntityAggregation Aggregation { get; init; } = EntityAggregation.Simple;

    /// <summary>Labels, or kinds of entities, that are left out.</summary>
    public IReadOnlyList<string> IgnoredLabels { get; init; } = ["O"];

    /// <summary>
    /// Whether tags that cannot stand where they are ("I-PER" behind "O") are ruled out: the labels of all tokens, or words, of a text are
    /// chosen together, the most probable sequence in which none is impossible. Otherwise each has its best label, as in transformers.
    /// </summary>
    public bool ForbidImpossibleTags { get; init; }
}
