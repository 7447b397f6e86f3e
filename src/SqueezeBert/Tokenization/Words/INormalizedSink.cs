namespace SqueezeBert.Tokenization.Words;

/// <summary>What receives the normalized characters of a text one by one, so that no text needs to be held as a whole.</summary>
internal interface INormalizedSink
{
    /// <summary>Whether the sink needs no more characters; those that it is given all the same change nothing.</summary>
    bool IsStopped { get; }

    /// <summary>Takes a character that the UTF-16 units from <paramref name="start"/> to <paramref name="end"/> became.</summary>
    void Append(int codePoint, int start, int end);
}
