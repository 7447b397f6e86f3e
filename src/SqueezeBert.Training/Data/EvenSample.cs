namespace SqueezeBert.Training.Data;

/// <summary>A part of a list, evenly spread over it, so that every file has its share.</summary>
internal static class EvenSample
{
    /// <param name="index">Place in the list.</param>
    /// <param name="limit">How many are taken at most.</param>
    /// <param name="count">Length of the list.</param>
    public static bool IsChosen(int index, long limit, int count)
    {
        limit = Math.Min(limit, count);
        return (index + 1) * limit / count > index * limit / count;
    }
}
