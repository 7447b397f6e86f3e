using System.IO.MemoryMappedFiles;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Tokens in files that are mapped into memory instead of being read. They are numbered as if the files were one. Any number of threads may
/// read them.
/// </summary>
internal sealed unsafe class MappedTokens : IDisposable
{
    private readonly List<(long End, MemoryMappedFile File, MemoryMappedViewAccessor View, nint Data)> _shards = [];

    /// <summary>Maps the files, after all of them have been read once and compared with their hashes.</summary>
    /// <param name="shards">The files in order. None is empty.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked while they are read.</param>
    /// <exception cref="InvalidModelFileException">A file is missing or has other content. The message names it.</exception>
    public MappedTokens(IReadOnlyList<TokenShard> shards, CancellationToken cancellationToken)
    {
        try
        {
            long end = 0;
            foreach (var shard in shards)
            {
                Check(shard, cancellationToken);
                var file = MemoryMappedFile.CreateFromFile(
                    new FileStream(shard.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), null, 0,
                    MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
                byte* data = null;
                view.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
                end += shard.TokenCount;
                _shards.Add((end, file, view, (nint)data));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Returns consecutive tokens, which must be in one file.</summary>
    public ReadOnlySpan<int> Span(long start, int length)
    {
        var (low, high) = (0, _shards.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_shards[middle].End > start) high = middle;
            else low = middle + 1;
        }

        var first = low == 0 ? 0 : _shards[low - 1].End;
        if (start < 0 || start + length > _shards[low].End) throw new ArgumentOutOfRangeException(nameof(start));
        return new ReadOnlySpan<int>((int*)_shards[low].Data + (start - first), length);
    }

    public void Dispose()
    {
        foreach (var (_, file, view, _) in _shards)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file.Dispose();
        }

        _shards.Clear();
    }

    private static void Check(TokenShard shard, CancellationToken cancellationToken)
    {
        var file = new FileInfo(shard.Path);
        if (!file.Exists) throw Error("is missing");
        if (file.Length != shard.TokenCount * sizeof(int)) throw Error("has another length than when it was written");
        using var stream = new FileStream(shard.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var (hash, part) = (new StreamingHash(), new byte[TokenShardWriter.PartTokens * sizeof(int)]);
        for (int count; (count = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.Add(part.AsSpan(0, count));
        }

        if (hash.ToString() != shard.Hash) throw Error("is damaged");

        InvalidModelFileException Error(string reason) =>
            new(shard.Path, null, $"{reason}; delete its folder to tokenize the text anew");
    }
}
