using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Hub;

/// <summary>
/// Models of the Hugging Face hub, kept in its standard cache: what its own tools fetched is found here, and what is fetched here they
/// find. The network is used only by <see cref="DownloadAsync"/>, and by
/// <see cref="ResolveAsync(ModelReference, IProgress{DownloadProgress}?, CancellationToken)"/> for a model that is not in the cache.
/// Thread-safe, also among processes.
/// </summary>
public sealed class ModelHub : IDisposable
{
    private readonly HubOptions _options;
    private readonly HubCache _cache;
    private readonly HubClient _client;

    /// <summary>Makes a client; nothing is read or sent.</summary>
    /// <param name="options">null: as the environment says.</param>
    /// <exception cref="HubException">A variable of the environment makes no sense.</exception>
    public ModelHub(HubOptions? options = null)
    {
        _options = options ?? HubOptions.FromEnvironment();
        _cache = new HubCache(_options.CacheFolder, _options.UseLinks);
        _client = new HubClient(_options);
    }

    /// <summary>
    /// The folder of a model as the user names it: a path stays as it is, "hf:owner/name[@revision]" is the cached model, fetched if it is
    /// not there. A branch that is in the cache is not compared with the hub; <see cref="DownloadAsync"/> does that.
    /// </summary>
    /// <param name="model">A path or a reference.</param>
    /// <param name="progress">Told while files are fetched.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="FormatException">What follows "hf:" is not the name of a model.</exception>
    /// <exception cref="HubException">It is not in the cache and cannot be fetched.</exception>
    public static async Task<string> ResolveAsync(
        string model, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        if (!model.StartsWith(ModelReference.Scheme, StringComparison.Ordinal)) return model;
        using var hub = new ModelHub();
        return await hub.ResolveAsync(ModelReference.Parse(model), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The folder of a model: the cached one if it is whole, else fetched.</summary>
    /// <param name="model">Name and revision.</param>
    /// <param name="progress">Told while files are fetched.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="HubException">It is not in the cache and cannot be fetched.</exception>
    public async Task<string> ResolveAsync(ModelReference model, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        FindCached(model) ?? await DownloadAsync(model, progress, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The folder of a model in the cache; null if it is not there or lacks configuration, tokenizer or weights. Never uses the network.
    /// </summary>
    /// <exception cref="InvalidModelFileException">The index of its weights or its list of modules is damaged.</exception>
    public string? FindCached(ModelReference model)
    {
        var folder = _cache.FindSnapshot(model);
        return folder is not null && HubCache.WhatIsMissing(folder) is null ? folder : null;
    }

    /// <summary>
    /// Fetches configuration, tokenizer and weights (safetensors preferred) of the newest state of a revision, as far as they are not in
    /// the cache. All files are of one commit. An interrupted download goes on where it ended; a file appears under its name only when it
    /// is whole and its checksum is right.
    /// </summary>
    /// <param name="model">Name and revision.</param>
    /// <param name="progress">Told after every piece of a file.</param>
    /// <param name="cancellationToken">Ends the download; what is here stays for the next attempt.</param>
    /// <returns>The snapshot's folder, which <see cref="ModelFolder.Open"/> reads.</returns>
    /// <exception cref="InvalidModelFileException">The index of its weights or its list of modules is damaged or names files
    /// elsewhere.</exception>
    /// <exception cref="HubException">No network, offline and not in the cache, no such model, no right to it, or wrong bytes.</exception>
    public async Task<string> DownloadAsync(ModelReference model, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (_options.IsOffline) return FindCached(model) ?? throw Offline(model);
        HubListing listing;
        try
        {
            listing = await _client.ListAsync(model, cancellationToken).ConfigureAwait(false);
            await FetchAsync(listing, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw HubClient.Unreachable(model, e, _options.Endpoint);
        }
        catch (IOException e)
        {
            throw new HubException($"{model}: {e.Message} (cache: {_cache.Root})", inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HubException($"{model}: the cache, {_cache.Root}, cannot be written: {FileProblem.Of(e)}", inner: e);
        }

        _cache.WriteReference(model, listing.Commit);
        return _cache.SnapshotFolder(model, listing.Commit);
    }

    /// <summary>Closes connections.</summary>
    public void Dispose() => _client.Dispose();

    private async Task FetchAsync(HubListing listing, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var left = _options.MaxBytes;
        foreach (var file in HubFiles.SentenceSettings(listing)) await Fetch(file).ConfigureAwait(false);
        var modules = HubFiles.Modules(_cache.SnapshotFolder(listing.Model, listing.Commit));
        var folder = HubFiles.EncoderFolder(modules);
        foreach (var file in HubFiles.Settings(listing, folder, HubFiles.IsStatic(modules)))
            await Fetch(file).ConfigureAwait(false);
        foreach (var file in HubFiles.ModuleSettings(modules).Where(listing.Files.ContainsKey)) await Fetch(file).ConfigureAwait(false);
        var weights = HubFiles.Weights(listing, folder);
        await Fetch(weights).ConfigureAwait(false);
        if (!weights.EndsWith(WeightFiles.IndexSuffix, StringComparison.Ordinal)) return;
        foreach (var shard in HubFiles.Shards(_cache.SnapshotPath(listing.Model, listing.Commit, weights)))
        {
            if (!listing.Files.ContainsKey(folder + shard))
                throw new HubException($"{listing.Model}: {weights} names {shard}, which the model does not have");
            await Fetch(folder + shard).ConfigureAwait(false);
        }

        async Task Fetch(string file) =>
            left -= await FetchFileAsync(listing, file, left, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes sure that a file is in the snapshot; returns its size.</summary>
    private async Task<long> FetchFileAsync(HubListing listing, string file, long most, IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        var model = listing.Model;
        var listed = listing.Files[file];
        var path = _cache.SnapshotPath(model, listing.Commit, file);
        if (!File.Exists(path))
        {
            if (listed.Size > most) throw new HubException(
                $"{model}: {file} has {listed.Size} bytes, more than the {most} that are left of the limit of {_options.MaxBytes}");
            var header = await _client.HeaderAsync(model, listing.Commit, file, cancellationToken).ConfigureAwait(false);
            var blob = _cache.BlobPath(model, header.Etag);
            using var held = await FileLock.AcquireAsync(_cache.LockPath(model, header.Etag), cancellationToken).ConfigureAwait(false);

            // Another process may have fetched it while we waited.
            if (!File.Exists(path))
            {
                var isNew = !File.Exists(blob);
                if (isNew) await new BlobDownload(_client, model, file, header, listed, progress).RunAsync(blob, most, cancellationToken)
                    .ConfigureAwait(false);
                _cache.Place(blob, path, isNew);
            }
        }

        // Of a link the length is that of its text.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        progress?.Report(new DownloadProgress(file, stream.Length, stream.Length, IsComplete: true));
        return stream.Length;
    }

    private HubException Offline(ModelReference model)
    {
        var folder = _cache.FindSnapshot(model);
        return new HubException(folder is null
            ? $"{model} is not in the cache at {_cache.Root}, and the network is switched off (HF_HUB_OFFLINE); run 'squeezebert pull " +
                $"{model}' once with a network"
            : $"{model}: its copy at {folder} lacks {HubCache.WhatIsMissing(folder)}, and the network is switched off (HF_HUB_OFFLINE); " +
                $"run 'squeezebert pull {model}' once with a network");
    }
}
