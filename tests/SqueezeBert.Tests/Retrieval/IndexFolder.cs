using System.Buffers.Binary;
using SqueezeBert.Files;
using SqueezeBert.Retrieval;

namespace SqueezeBert.Tests.Retrieval;

/// <summary>A folder for indexes, and vectors to put into them.</summary>
internal sealed class IndexFolder : IDisposable
{
    public IndexFolder() => Folder = Directory.CreateTempSubdirectory("squeezebert-index-").FullName;

    public string Folder { get; }

    /// <summary>Where a test writes its index.</summary>
    public string File => Path.Combine(Folder, "vectors.index");

    /// <summary>Vectors of any length; some are zero, some are there twice.</summary>
    public static float[][] Vectors(Random random, int count, int dimensions)
    {
        var vectors = new float[count][];
        for (var row = 0; row < count; row++)
        {
            var kind = random.Next(30);
            if (kind == 0)
            {
                vectors[row] = new float[dimensions];
                continue;
            }

            if (kind == 1 && row > 0)
            {
                vectors[row] = [.. vectors[random.Next(row)]];
                continue;
            }

            var scale = Math.Pow(10, random.Next(-3, 4));
            vectors[row] = [.. Enumerable.Range(0, dimensions).Select(_ => (float)(scale * ((random.NextDouble() * 2) - 1)))];
        }

        return vectors;
    }

    public VectorIndex Write(
        IEnumerable<float[]> vectors, int dimensions, VectorIndexWriterOptions? options = null, Func<int, string>? text = null)
    {
        using var writer = new VectorIndexWriter(File, dimensions, options);
        foreach (var vector in vectors) writer.Add(vector, text?.Invoke(writer.Count));
        writer.Complete();
        return VectorIndex.Open(File);
    }

    /// <summary>Changes a header, and makes its checksum right again.</summary>
    public static void Repair(byte[] file)
    {
        if (file.Length < VectorIndexHeader.Size) return;
        var checksum = VectorIndexHeader.Size - sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(checksum), StreamingHash.XxHash64(file.AsSpan(0, checksum), 0));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
