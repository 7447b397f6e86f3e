namespace SqueezeBert;

/// <summary>What happens to a text that has more tokens than a model can read at once.</summary>
public enum LongText
{
    /// <summary>The beginning is read, and the result says that the text was truncated.</summary>
    Truncate,

    /// <summary>
    /// The whole text is read in overlapping windows. The options of each pipeline describe how the results are combined.
    /// </summary>
    Windows,

    /// <summary>The call fails with an <see cref="ArgumentException"/>.</summary>
    Error,
}
