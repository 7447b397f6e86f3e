namespace SqueezeBert.Training;

/// <summary>How the texts of a file are split into examples.</summary>
public enum TextForm
{
    /// <summary>Each sentence is an example.</summary>
    Sentences,

    /// <summary>Sentences are split into consecutive spans of 3 to 12 words.</summary>
    Spans,

    /// <summary>Two or three consecutive sentences form an example.</summary>
    Passages,

    /// <summary>The whole line or field is an example, up to the largest length. The rest is an example of its own.</summary>
    Paragraphs,
}
