using System.Buffers;
using System.Reflection;

namespace SqueezeBert.Cli.Texts;

/// <summary>The model in the box of a tool that is one file: a part of the program, where others have a folder beside it.</summary>
internal static class BoxModel
{
    private const string Prefix = "sentiment/";

    /// <summary>Its files, in the pages of the program; null where the program has none.</summary>
    public static ModelSource? Files
    {
        get
        {
            var assembly = Assembly.GetExecutingAssembly();
            var names = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
            return names.Count == 0 ? null
                : ModelSource.FromFiles(names.ToDictionary(name => name[Prefix.Length..], name => BytesOf(assembly, name)), "sentiment");
        }
    }

    private static unsafe ReadOnlyMemory<byte> BytesOf(Assembly assembly, string name)
    {
        var stream = (UnmanagedMemoryStream)assembly.GetManifestResourceStream(name)!;
        return new Pages(stream.PositionPointer, checked((int)stream.Length)).Memory;
    }

    /// <summary>Bytes that stay where they are until the process ends.</summary>
    private sealed unsafe class Pages(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
