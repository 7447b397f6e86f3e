namespace SqueezeBert;

/// <summary>
/// How a <see cref="TokenClassifier"/> reads texts and forms entities. A long text is truncated unless
/// <see cref="PipelineOptions.Reading"/> says otherwise. With windows, the windows overlap by half, and the scores of each token come from
/// one window. The first half of an overlap is taken from the earlier window, and the second half from the later one. Entities are formed
/// from the scores of the whole text, so they may cross the borders of windows.
/// </summary>
public sealed record TokenClassifierOptions : PipelineOptions
{
    /// <summary>How the labels of tokens are combined into entities (default <see cref="EntityAggregation.Simple"/>).</summary>
    public EntityAggregation Aggregation { get; init; } = EntityAggregation.Simple;

    /// <summary>The labels or kinds of entities that are left out of the result (default "O").</summary>
    public IReadOnlyList<string> IgnoredLabels { get; init; } = ["O"];

    /// <summary>
    /// Whether impossible sequences of tags, such as "I-PER" after "O", are ruled out (default false). If true, the labels of all tokens or
    /// words of a text are chosen together, as the most probable sequence without an impossible tag. Otherwise each token or word gets its
    /// own best label, as in transformers.
    /// </summary>
    public bool ForbidImpossibleTags { get; init; }
}
