namespace SqueezeBert;

/// <summary>What the options of all pipelines have in common.</summary>
public abstract record PipelineOptions
{
    private protected PipelineOptions()
    {
    }

    /// <summary>How much of a text is read, where a call does not say.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>
    /// The head that is asked, where a checkpoint has several with names (<see cref="InferenceModel.Heads"/>). Null: the one that the
    /// checkpoint's class has for the pipeline's task, else the only named one for it.
    /// </summary>
    public string? Head { get; init; }
}
