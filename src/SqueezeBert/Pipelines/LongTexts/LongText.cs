namespace SqueezeBert;

/// <summary>What to do with a text that has more tokens than a model reads at once.</summary>
public enum LongText
{
    /// <summary>Read the beginning; the result says that the text was truncated.</summary>
    Truncate,

    /// <summary>Read all of it in windows that overlap; the pipeline's options say how their results become one.</summary>
    Windows,

    /// <summary>Refuse it with an <see cref="ArgumentException"/>.</summary>
    Error,
}
