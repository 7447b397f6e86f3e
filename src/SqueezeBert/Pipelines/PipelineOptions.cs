namespace SqueezeBert;

/// <summary>What the options of all pipelines have in common.</summary>
public abstract record PipelineOptions
{
    private protected PipelineOptions()
    {
    }

    /// <summary>How much of a text is read, where a call does not say.</summary>
    public ReadingOptions Reading { get; init; } = new();
}
