using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Hub;

/// <summary>
/// Downloads models of the Hugging Face Hub and keeps them in its standard cache. Files that the Hugging Face tools have downloaded are
/// found here, and the reverse. The network is used only by <see cref="DownloadAsync"/>, and by
/// <see cref="ResolveAsync(ModelReference, IProgress{DownloadProgress}?, CancellationToken)"/> for a model that is not in the cache.
/// Thread-safe, and safe for several processes that share a cache.
/// </summary>
public sealed class ModelHub : IDisposable
{
    private readonly HubOptions _options;
    private readonly HubCache _cache;
    private readonly HubClient _client;

    /// <summary>Creates a client. Nothing is read or sent yet.</summary>
    /// <param name="options">The options. Null reads them from the environment (<see cref="HubOptions.FromEnvironment()"/>).</param>
    /// <exception cref="HubException">An environment variable has an invalid value.</exception>
    public ModelHub(HubOptions? options = null)
    {
        _options = options ?? HubOptions.FromEnvironment();
        _cache = new HubCache(_options.CacheFolder, _options.UseLinks);
        _client = new HubClient(_options);
    }

    /// <summary>
    /// Returns the folder of a model that a user has named. A path is returned unchanged. "hf:owner/name[@revision]" names a model of the
    /// hub, which is downloaded unless it is in the cache. A cached branch is not compared with the hub; <see cref="DownloadAsync"/> does
    /// that.
    /// </summary>
    /// <param name="model">A path, or a reference that begins with "hf:". Not empty.</param>
    /// <param name="progress">Receives the progress while files are downloaded. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels a download.</param>
    /// <returns>The path of the model's folder.</returns>
    /// <exception cref="FormatException">The text after "hf:" is not the name of a model.</exception>
    /// <exception cref="HubException">The model is not in the cache and cannot be downloaded.</exception>
    public static async Task<string> ResolveAsync(
        string model, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        if (!model.StartsWith(ModelReference.Scheme, StringComparison.Ordinal)) return model;
        using var hub = new ModelHub();
        return await hub.ResolveAsync(ModelReference.Parse(model), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the folder of a model. The model is downloaded unless the cache has all of its files.</summary>
    /// <param name="model">The name and revision of the model.</param>
    /// <param name="progress">Receives the progress while files are downloaded. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels a download.</param>
    /// <returns>The path of the model's folder.</returns>
    /// <exception cref="HubException">The model is not in the cache and cannot be downloaded.</exception>
    public async Task<string> ResolveAsync(ModelReference model, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        FindCached(model) ?? await DownloadAsync(model, progress, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Returns the folder of a model in the cache, or null if the configuration, the tokenizer or the weights are missing. Never uses the
    /// network.
    /// </summary>
    /// <param name="model">The name and revision of the model.</param>
    /// <exception cref="InvalidModelFileException">The index of the model's weights or the list of its modules is damaged.</exception>
    public string? FindCached(ModelReference model)
    {
        var folder = _cache.FindSnapshot(model);
        return folder is not null && HubCache.WhatIsMissing(folder) is null ? folder : null;
    }

    /// <summary>
    /// Downloads the configuration, tokenizer and weights of a revision in its newest state, except for files that are already in the
    /// cache. Weights in the safetensors format are preferred. All files belong to the same commit. An interrupted download continues where
    /// it stopped. A file gets its final name only after it is complete and its checksum is verified.
    /// </summary>
    /// <param name="model">The name and revision of the model.</param>
    /// <param name="progress">Receives the progress after every block of a file. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the download. The bytes that have arrived are kept for the next attempt.</param>
    /// <returns>The folder of the snapshot, which <see cref="ModelFolder.Open"/> reads.</returns>
    /// <exception cref="InvalidModelFileException">
    /// The index of the model's weights or the list of its modules is damaged, or names files outside the model.
    /// </exception>
    /// <exception cref="HubException">
    /// There is no network, the hub is offline and the model is not in the cache, the model does not exist, access is denied, or the
    /// content is wrong.
    /// </exception>
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

    /// <summary>Closes the connections.</summary>
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

    /// <summary>Downloads a file into the snapshot unless it is there already, and returns its size.</summary>
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
