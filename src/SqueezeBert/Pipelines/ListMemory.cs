using System.Runtime.CompilerServices;

namespace SqueezeBert.Pipelines;

/// <summary>Helpers for lists that are filled repeatedly.</summary>
internal static class ListMemory
{
    private const long MaxKeptBytes = 1 << 20;

    /// <summary>Clears a list, and frees its memory if an unusual input has made it large.</summary>
    public static void ClearAndTrim<T>(this List<T> list)
    {
        list.Clear();
        if ((long)list.Capacity * Unsafe.SizeOf<T>() > MaxKeptBytes) list.Capacity = 0;
    }
}
