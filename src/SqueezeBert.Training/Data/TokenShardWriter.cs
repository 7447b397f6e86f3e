using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Data;

/// <summary>A file of tokens with 4 bytes each.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="TokenCount">The number of its tokens.</param>
/// <param name="Hash">The hash of its bytes, in parts of <see cref="TokenShardWriter.PartTokens"/> tokens.</param>
internal sealed record TokenShard(string Path, long TokenCount, string Hash);

/// <summary>Writes tokens one after another into files of limited size, so that no text has to be in memory. Not thread-safe.</summary>
internal sealed class TokenShardWriter : IDisposable
{
    /// <summary>The number of tokens that are hashed and written together.</summary>
    public const int PartTokens = 1 << 16;

    private readonly string _prefix;
    private readonly long _shardTokens;
    private readonly List<TokenShard> _shards = [];
    private readonly int[] _part = new int[PartTokens];
    private StreamingHash _hash = new();
    private FileStream? _file;
    private long _written;
    private int _used;

    /// <param name="prefix">The folder and the beginning of the file names.</param>
    /// <param name="shardTokens">The largest number of tokens of a file.</param>
    public TokenShardWriter(string prefix, long shardTokens) => (_prefix, _shardTokens) = (prefix, shardTokens);

    /// <summary>Adds the tokens of an example, which are kept in one file.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public void Add(ReadOnlySpan<int> tokens)
    {
        if (_file is not null && _written + _used + tokens.Length > _shardTokens) EndShard();
        _file ??= new FileStream(NextPath(), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        while (tokens.Length > 0)
        {
            var count = Math.Min(tokens.Length, PartTokens - _used);
            tokens[..count].CopyTo(_part.AsSpan(_used));
            tokens = tokens[count..];
            _used += count;
            if (_used == PartTokens) FlushPart();
        }
    }

    /// <summary>Completes the last file and returns all files.</summary>
    public IReadOnlyList<TokenShard> Complete()
    {
        if (_file is not null) EndShard();
        return _shards;
    }

    public void Dispose() => _file?.Dispose();

    private string NextPath() => string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{_shards.Count:D3}.tokens");

    private void FlushPart()
    {
        var bytes = MemoryMarshal.AsBytes(_part.AsSpan(0, _used));
        _hash.Add(bytes);
        _file!.Write(bytes);
        _written += _used;
        _used = 0;
    }

    private void EndShard()
    {
        if (_used > 0) FlushPart();
        _file!.Flush(flushToDisk: true);
        _file.Dispose();
        _file = null;
        _shards.Add(new TokenShard(NextPath(), _written, _hash.ToString()));
        (_hash, _written) = (new StreamingHash(), 0);
    }
}
