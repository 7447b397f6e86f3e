namespace SqueezeBert;

/// <summary>
/// How a <see cref="MaskFiller"/> reads texts. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise.
/// Windows overlap by half, and a mask is filled in the window that shows it with context on both sides.
/// </summary>
public sealed record MaskFillerOptions : PipelineOptions
{
    /// <summary>Tokens a mask at most, best first; targets are given all.</summary>
    public int Top { get; init; } = 5;
}
