namespace SqueezeBert.Evaluation;

/// <summary>How <see cref="TaggingEvaluation"/> evaluates a model.</summary>
public sealed record TaggingEvaluationOptions
{
    /// <summary>How tags are converted to entities (default <see cref="EntityMode.Lenient"/>).</summary>
    public EntityMode Mode { get; init; }

    /// <summary>
    /// Whether the tags of a sentence are chosen together, so that no I- stands without its B- (default false: each word has its best
    /// tag, as in seqeval's usual use). Training reports its figures this way, and the assistant finds slots this way.
    /// </summary>
    public bool ForbidImpossibleTags { get; init; }

    /// <summary>How much of each sentence is read. Null reads all of it, and long sentences in windows.</summary>
    public ReadingOptions? Reading { get; init; }

    /// <summary>The named head to use (<see cref="PipelineOptions.Head"/>). Null uses the only one that fits.</summary>
    public string? Head { get; init; }
}
