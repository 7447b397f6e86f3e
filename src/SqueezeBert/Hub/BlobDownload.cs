using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using SqueezeBert.Files;

namespace SqueezeBert.Hub;

/// <summary>
/// Downloads one file into a blob. It continues an earlier attempt, checks size and hash, and gives the blob its name only when it is
/// complete.
/// </summary>
internal sealed class BlobDownload(HubClient client, ModelReference model, string file, HubFileHeader header, HubFile listed,
    IProgress<DownloadProgress>? progress)
{
    private const int MaxAttemptsWithoutProgress = 5;
    private const int MinProgress = 4096;
    private readonly long? _size = header.Size ?? listed.Size;

    private string? Sha256 => HubListing.IsHash(header.Etag, 64) ? header.Etag : listed.Sha256;

    private string? GitHash => _size is null ? null : HubListing.IsHash(header.Etag, 40) ? header.Etag : listed.GitHash;

    /// <summary>Runs the download. The caller holds the lock of the blob.</summary>
    /// <param name="blob">The path of the blob.</param>
    /// <param name="most">The largest number of bytes if the server gives no size.</param>
    /// <param name="cancellationToken">Cancels the download. The bytes that have arrived are kept for the next attempt.</param>
    public async Task RunAsync(string blob, long most, CancellationToken cancellationToken)
    {
        if (header.Size is { } size && listed.Size is { } listedSize && size != listedSize)
            throw Error($"the server says {size} bytes here and {listedSize} in its list");
        if (_size > most) throw Error($"has {_size} bytes, more than the {most} that are left of the limit");
        if (HubListing.IsHash(header.Etag, 64) && listed.Sha256 is { } hash && hash != header.Etag)
            throw Error("the server gives two different hashes");
        FileProblem.MakeFolder(Path.GetDirectoryName(blob)!);

        // The hub's own tools use the same name and so go on where we ended.
        var partial = blob + ".incomplete";
        await FetchAsync(partial, _size ?? most, cancellationToken).ConfigureAwait(false);
        File.Move(partial, blob, overwrite: true);
    }

    private async Task FetchAsync(string partial, long most, CancellationToken cancellationToken)
    {
        // Without a buffer, which would fail a second time when the file is closed on a full disk; what comes is in large pieces already.
        using var stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 0, useAsync: true);
        using var hash = StartHash();
        if (stream.Length > most) stream.SetLength(0);
        await HashAsync(stream, hash, cancellationToken).ConfigureAwait(false);
        var failures = 0;
        while (_size is null || stream.Length < _size)
        {
            var before = stream.Length;
            try
            {
                await FetchOnceAsync(stream, hash, most, cancellationToken).ConfigureAwait(false);
                if (_size is null) break;
                if (stream.Length < _size) throw new IOException("the body is shorter than promised");
            }
            catch (DestinationException e)
            {
                throw new HubException(
                    $"{model}: {file}: cannot be written after {stream.Length} bytes: {e.Message}; what came is kept, in {partial}",
                    inner: e);
            }
            catch (SlowTransferException e)
            {
                throw new HubException($"{model}: {file}: {e.Message}; what came is kept: try again later", inner: e);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // A few bytes a connection are no progress: a large file would never end.
                failures = stream.Length - before >= MinProgress ? 0 : failures + 1;
                if (failures == MaxAttemptsWithoutProgress) throw GivenUp(e, stream.Length);
                await client.PauseAsync(failures, null, $"{file}: {header.Address.Host}: {e.Message}", cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        stream.Flush(flushToDisk: true);
        if (Matches(hash, stream.Length)) return;
        stream.SetLength(0);
        throw Error("what came is not what the server promised: the checksum is another; try again");
    }

    /// <summary>Sends one request and reads its response to the end.</summary>
    private async Task FetchOnceAsync(FileStream stream, IncrementalHash? hash, long most, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(model, file, header.Address, stream.Length, cancellationToken).ConfigureAwait(false);
        var isContinued = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == stream.Length;
        if (!isContinued && stream.Length > 0) Restart(stream, hash);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && !isContinued))
            throw new IOException("the server does not continue where the last attempt ended");
        if (stream.Length + response.Content.Headers.ContentLength > most)
            throw Error($"{header.Address.Host} is about to send more than the {most} bytes that are expected");
        stream.Position = stream.Length;
        var length = stream.Length;
        try
        {
            await client.CopyAsync(response, stream, most - length, cancellationToken, bytes =>
            {
                hash?.AppendData(bytes);
                length += bytes.Length;
                progress?.Report(new DownloadProgress(file, length, _size, IsComplete: false));
            }).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            Restart(stream, hash);
            throw Error(e.Message);
        }
        finally
        {
            await stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Restart(FileStream stream, IncrementalHash? hash)
    {
        stream.SetLength(0);
        hash?.GetHashAndReset();
        BeginGitHash(hash);
    }

    private async Task HashAsync(FileStream stream, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        if (stream.Length == 0) return;
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            hash?.AppendData(buffer.AsSpan(0, count));
        progress?.Report(new DownloadProgress(file, stream.Length, _size, IsComplete: false));
    }

    private IncrementalHash? StartHash()
    {
        var algorithm = Sha256 is not null ? HashAlgorithmName.SHA256 : GitHash is not null ? HashAlgorithmName.SHA1 : default;
        var hash = algorithm == default ? null : IncrementalHash.CreateHash(algorithm);
        BeginGitHash(hash);
        return hash;
    }

    // Git hashes a header with the length before the content.
    private void BeginGitHash(IncrementalHash? hash)
    {
        if (hash?.AlgorithmName == HashAlgorithmName.SHA1)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {_size}\0")));
    }

    private bool Matches(IncrementalHash? hash, long length) =>
        (_size is null || length == _size) && (hash is null || Convert.ToHexStringLower(hash.GetHashAndReset()) == (Sha256 ?? GitHash));

    // The server was reached, and did not send what it had promised.
    private HubException GivenUp(Exception e, long length) => e is HttpRequestException
        ? HubClient.Unreachable(model, e, header.Address)
        : new HubException($"{model}: {file}: {header.Address.Host} ended the connection {MaxAttemptsWithoutProgress} times, now after " +
            $"{length} of {_size} bytes ({MessagePart.OneLine(e.Message)}); what came is kept: try again later", inner: e);

    private HubException Error(string reason) => new($"{model}: {file}: {reason}");
}
