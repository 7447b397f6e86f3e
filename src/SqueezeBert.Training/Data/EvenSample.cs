namespace SqueezeBert.Training.Data;

/// <summary>Selects a part of a list that is evenly distributed over it, so that every file has its share.</summary>
internal static class EvenSample
{
    /// <param name="index">The place in the list.</param>
    /// <param name="limit">The largest number of selected elements.</param>
    /// <param name="count">The length of the list.</param>
    public static bool IsChosen(int index, long limit, int count)
    {
        limit = Math.Min(limit, count);
        return (index + 1) * limit / count > index * limit / count;
    }
}
