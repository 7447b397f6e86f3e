namespace SqueezeBert;

/// <summary>The options that all pipelines have.</summary>
public abstract record PipelineOptions
{
    private protected PipelineOptions()
    {
    }

    /// <summary>How much of a text is read, unless a call says otherwise.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>
    /// The name of the head to use, if the checkpoint has named heads (<see cref="InferenceModel.Heads"/>). Null uses the head of the
    /// checkpoint's class if it fits the task, and otherwise the only named head that fits it.
    /// </summary>
    public string? Head { get; init; }
}
