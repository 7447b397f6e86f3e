using System.Buffers.Binary;
using SqueezeBert.Files;
using SqueezeBert.Retrieval;

namespace SqueezeBert.Fuzz;

/// <summary>Indexes of vectors. They are mapped, so each case is a file.</summary>
internal static class VectorIndexFiles
{
    public static FuzzTarget Target() => new(
        "vector-index",
        [
            Write(5, new() { Precision = VectorPrecision.Float32 }), Write(70, new()),
            Write(70, new() { Precision = VectorPrecision.Bits, Fingerprint = new string('1', VectorIndexHeader.FingerprintLength) }),
            Write(9, new() { Precision = VectorPrecision.Bits, Rescoring = VectorRescoring.None }),
        ],
        FuzzTarget.Texts("SQBINDEX", "\u0001\0\0\0", "\0\0\0\0\0\0\0\0"),
        IsText: false,
        (bytes, _) => Read(bytes))
    {
        Repair = Repair,
    };

    private static byte[] Write(int dimensions, VectorIndexWriterOptions options)
    {
        var path = TemporaryFile();
        try
        {
            using (var writer = new VectorIndexWriter(path, dimensions, options))
            {
                var random = new Random(dimensions);
                while (writer.Count < 6)
                    writer.Add([.. Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f)], $"text {writer.Count}");
                writer.Complete();
            }

            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Read(byte[] bytes)
    {
        var path = TemporaryFile();
        File.WriteAllBytes(path, bytes);
        try
        {
            using var index = VectorIndex.Open(path);
            var query = new float[index.Dimensions];
            query.AsSpan().Fill(1);
            foreach (var match in index.Search(query, 3))
            {
                if (match.Score is not (>= -1 and <= 1)) throw new InvalidOperationException($"accepted the score {match.Score}");
            }

            for (var row = 0; row < index.Count && index.HasTexts; row++) index.Text(row);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string TemporaryFile() => Path.Combine(
        Path.GetTempPath(), $"squeezebert-fuzz-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}.index");

    private static void Repair(byte[] bytes)
    {
        const int Checksum = VectorIndexHeader.Size - sizeof(ulong);
        if (bytes.Length < VectorIndexHeader.Size) return;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(Checksum), StreamingHash.XxHash64(bytes.AsSpan(0, Checksum), 0));
    }
}
