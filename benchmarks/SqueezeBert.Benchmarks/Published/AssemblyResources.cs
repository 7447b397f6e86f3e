using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>Embedded resources of an assembly, read from its file: nothing of it is loaded or run.</summary>
internal static class AssemblyResources
{
    /// <summary>Writes the resource whose name ends in a dot and <paramref name="name"/>, or is it.</summary>
    /// <exception cref="InvalidDataException">The file is no assembly, or has no such resource; the message lists those it has.</exception>
    public static unsafe void Extract(string assembly, string name, string target)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(assembly));
            var metadata = file.GetMetadataReader();
            var resources = metadata.ManifestResources.Select(metadata.GetManifestResource)
                .Where(entry => entry.Implementation.IsNil).ToList();
            var place = resources.FindIndex(entry => IsNamed(metadata.GetString(entry.Name), name));
            if (place < 0)
            {
                throw new InvalidDataException($"{assembly} has no resource {name}, only " +
                    string.Join(", ", resources.Select(entry => metadata.GetString(entry.Name))));
            }

            // Each resource is its length in four bytes, then itself.
            var all = file.GetSectionData(file.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress);
            var reader = all.GetReader((int)resources[place].Offset, all.Length - (int)resources[place].Offset);
            var length = reader.ReadInt32();
            if (length < 0 || length > reader.RemainingBytes) throw new BadImageFormatException("a resource ends beyond its section");
            using var output = File.Create(target);
            output.Write(new ReadOnlySpan<byte>(reader.CurrentPointer, length));
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"{assembly} is no assembly with resources: {e.Message}", e);
        }
    }

    private static bool IsNamed(string resource, string name) => resource == name
        || resource.EndsWith("." + name, StringComparison.Ordinal);
}
