using System.Runtime.CompilerServices;

namespace SqueezeBert.Pipelines;

/// <summary>Lists that are filled again and again.</summary>
internal static class ListMemory
{
    private const long MaxKeptBytes = 1 << 20;

    /// <summary>Empties a list, and lets go of its memory where an unusual input has made it large.</summary>
    public static void ClearAndTrim<T>(this List<T> list)
    {
        list.Clear();
        if ((long)list.Capacity * Unsafe.SizeOf<T>() > MaxKeptBytes) list.Capacity = 0;
    }
}
