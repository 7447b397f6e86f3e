using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Data;

/// <summary>
/// The examples of plain text on disk, tokenized once. A folder contains files of tokens, which are mapped into memory, and an index, which
/// is read. It is written under another name and renamed when it is complete. The files are little-endian.
/// </summary>
internal static class TokenizedText
{
    /// <summary>The largest number of tokens of a file: one gigabyte.</summary>
    public const long ShardTokens = 1 << 28;

    private const string IndexFile = "index.bin";
    private const int Version = 2;
    private const int NumbersOfExample = 4;
    private const int MaxShards = 10_000;

    private static ReadOnlySpan<byte> Magic => "SQBTTEXT"u8;

    /// <summary>Opens text that has been tokenized, or tokenizes it now.</summary>
    /// <param name="folder">The folder of all tokenized texts.</param>
    /// <param name="key">Identifies the text, the tokenizer and how the text is split, in letters and digits.</param>
    /// <param name="data">Receives the examples. It must be empty.</param>
    /// <param name="tokenize">Adds the examples to the two sets of the data.</param>
    /// <param name="shardTokens">The largest number of tokens of a file.</param>
    /// <param name="tell">Told if another run is tokenizing the text, which is waited for.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked while files are read and while another run is waited for.</param>
    /// <exception cref="InvalidModelFileException">A file is missing, damaged or belongs to another text. The message names it.</exception>
    /// <exception cref="IOException">The disk is full.</exception>
    public static void Open(
        string folder, string key, StageData data, Action tokenize, long shardTokens, Action<string> tell,
        CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, key);
        if (!Directory.Exists(path)) Write(path, key, data, tokenize, shardTokens, tell, cancellationToken);
        var index = Read(Path.Combine(path, IndexFile), key);
        foreach (var set in (ExampleSet[])[data.Train, data.HeldOut])
        {
            var shards = new List<TokenShard>();
            foreach (var (name, count, hash) in index.ReadShards()) shards.Add(new TokenShard(Path.Combine(path, name), count, hash));
            index.ReadExamples(set, new MappedTokens(shards, cancellationToken));
        }
    }

    private static void Write(
        string path, string key, StageData data, Action tokenize, long shardTokens, Action<string> tell,
        CancellationToken cancellationToken)
    {
        var temporary = path + ".writing";
        FileProblem.MakeFolder(Path.GetDirectoryName(path)!);
        using (CacheLock.Wait(path + ".lock", $"the tokens of this text into '{path}'", tell, cancellationToken))
        {
            // Another run may have been faster.
            if (Directory.Exists(path)) return;
            FileProblem.MakeFolder(temporary);

            // What another run has left when it died.
            foreach (var left in Directory.EnumerateFiles(temporary)) File.Delete(left);
            using var bytes = new MemoryStream();
            using var writer = new BinaryWriter(bytes);
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(key);
            using (var train = new TokenShardWriter(Path.Combine(temporary, "train"), shardTokens))
            using (var heldOut = new TokenShardWriter(Path.Combine(temporary, "held-out"), shardTokens))
            {
                data.Train.WriteTo(train);
                data.HeldOut.WriteTo(heldOut);
                tokenize();
                WriteSet(writer, data.Train, train.Complete());
                WriteSet(writer, data.HeldOut, heldOut.Complete());
            }

            writer.Write(StreamingHash.XxHash64(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), 0));
            AtomicFile.Write(Path.Combine(temporary, IndexFile), stream => bytes.WriteTo(stream));
            Directory.Move(temporary, path);
        }
    }

    private static void WriteSet(BinaryWriter writer, ExampleSet set, IReadOnlyList<TokenShard> shards)
    {
        writer.Write(shards.Count);
        foreach (var shard in shards)
        {
            writer.Write(Path.GetFileName(shard.Path));
            writer.Write(shard.TokenCount);
            writer.Write(shard.Hash);
        }

        writer.Write(set.TextCount);
        for (var text = 0; text < set.TextCount; text++) writer.Write(set.SourceOf(text));
        writer.Write(set.Count);
        for (var i = 0; i < set.Count; i++)
        {
            writer.Write(set[i].Length);
            writer.Write(set[i].SecondStart);
            writer.Write(set[i].Label);
            writer.Write(set[i].Text);
        }
    }

    private static Index Read(string path, string key)
    {
        if (!File.Exists(path)) throw new InvalidModelFileException(path, null, "is missing; delete its folder to tokenize the text anew");
        return new Index(path, key, File.ReadAllBytes(path));
    }

    /// <summary>Reads an index. Every count in it is limited by the bytes that are left.</summary>
    private sealed class Index
    {
        private readonly string _path;
        private readonly byte[] _bytes;
        private int _place;

        public Index(string path, string key, byte[] bytes)
        {
            (_path, _bytes) = (path, bytes);
            if (bytes.Length < Magic.Length + sizeof(ulong) || !bytes.AsSpan().StartsWith(Magic))
                throw Error("is no index of tokenized text");
            var end = bytes.Length - sizeof(ulong);
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(end)) != StreamingHash.XxHash64(bytes.AsSpan(0, end), 0))
                throw Error("is damaged");
            _place = Magic.Length;
            if (Number() != Version) throw Error("was written by another version");
            if (Text() != key) throw Error("is of another text, tokenizer or length");
        }

        public IEnumerable<(string Name, long Count, string Hash)> ReadShards()
        {
            var count = Number();
            if (count is < 0 or > MaxShards) throw Error("is damaged");
            for (var i = 0; i < count; i++)
            {
                var name = Text();
                if (name != Path.GetFileName(name)) throw Error("names a file of another folder");
                yield return (name, Long(), Text());
            }
        }

        public void ReadExamples(ExampleSet set, MappedTokens tokens)
        {
            set.Clear();
            var texts = Numbers(Number());
            foreach (var source in texts) set.AddText(source);
            var count = Number();
            var examples = Numbers(checked(NumbersOfExample * count));
            for (; examples.Length > 0; examples = examples[NumbersOfExample..])
            {
                var (length, secondStart, label, text) = (examples[0], examples[1], examples[2], examples[3]);
                if (length < 1 || secondStart < 0 || secondStart > length || text < 0 || text >= texts.Length) throw Error("is damaged");
                set.AddMapped(length, secondStart, label, text);
            }

            set.ReadFrom(tokens);
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count < 0 || count > _bytes.Length - sizeof(ulong) - _place) throw Error("is damaged");
            _place += count;
            return _bytes.AsSpan(_place - count, count);
        }

        private int Number() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

        private long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

        private ReadOnlySpan<int> Numbers(int count) =>
            MemoryMarshal.Cast<byte, int>(Take(count is < 0 or > int.MaxValue / sizeof(int) ? -1 : count * sizeof(int)));

        // As BinaryWriter writes it: short texts have their length in one byte.
        private string Text() => Encoding.UTF8.GetString(Take(Take(1)[0] is < 128 and var length ? length : -1));

        private InvalidModelFileException Error(string reason) =>
            new(_path, null, $"{reason}; delete its folder to tokenize the text anew");
    }
}
