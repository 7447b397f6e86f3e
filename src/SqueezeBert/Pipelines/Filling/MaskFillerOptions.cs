namespace SqueezeBert;

/// <summary>
/// How a <see cref="MaskFiller"/> reads texts. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise. With
/// windows, the windows overlap by half, and each mask is filled in the window that shows it with context on both sides.
/// </summary>
public sealed record MaskFillerOptions : PipelineOptions
{
    /// <summary>
    /// The largest number of tokens per mask, best first; 1 or more (default 5). If targets are given, all of them are returned.
    /// </summary>
    public int Top { get; init; } = 5;
}
