namespace SqueezeBert;

/// <summary>
/// How a <see cref="TokenClassifier"/> reads texts and makes entities. A long text is truncated unless
/// <see cref="PipelineOptions.Reading"/> says otherwise. Windows overlap by half, and the scores of each token come from one window: the
/// first half of an overlap belongs to the earlier window, the second half to the later one. Entities are made from the scores of the
/// whole text, so they may cross windows.
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
