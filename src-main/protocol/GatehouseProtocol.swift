// The Gatehouse gateway protocol as Swift models. Written by the build from protocol.schema.json: do not edit.
import Foundation

/// Any JSON value: where the protocol leaves the shape open.
public enum JSONValue: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

/// A value that may be null on purpose (which clears it), as against left out.
public enum Nullable<Wrapped: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
  case null
  case value(Wrapped)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self = container.decodeNil() ? .null : .value(try container.decode(Wrapped.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .value(let value): try container.encode(value)
    }
  }
}

public let gatehouseProtocolVersions = 3...4

public enum GatehouseMethod: String, Codable, Sendable, Equatable, CaseIterable {
  case agent
  case agentIdentityGet = "agent.identity.get"
  case agentWait = "agent.wait"
  case agentsList = "agents.list"
  case approvalHistory = "approval.history"
  case auditExport = "audit.export"
  case auditList = "audit.list"
  case auditVerify = "audit.verify"
  case changesList = "changes.list"
  case changesUndo = "changes.undo"
  case channelsList = "channels.list"
  case channelsLogout = "channels.logout"
  case channelsPairingApprove = "channels.pairing.approve"
  case channelsPairingDismiss = "channels.pairing.dismiss"
  case channelsPairingList = "channels.pairing.list"
  case channelsPeopleList = "channels.people.list"
  case channelsPeopleSet = "channels.people.set"
  case channelsRemove = "channels.remove"
  case channelsSave = "channels.save"
  case channelsStart = "channels.start"
  case channelsStatus = "channels.status"
  case channelsStop = "channels.stop"
  case chatAbort = "chat.abort"
  case chatHistory = "chat.history"
  case chatInject = "chat.inject"
  case chatSend = "chat.send"
  case chatStartup = "chat.startup"
  case configGet = "config.get"
  case configPatch = "config.patch"
  case configSchema = "config.schema"
  case configSet = "config.set"
  case deviceBootstrapCreate = "device.bootstrap.create"
  case devicePairApprove = "device.pair.approve"
  case devicePairList = "device.pair.list"
  case devicePairReject = "device.pair.reject"
  case devicePairRemove = "device.pair.remove"
  case deviceTokenRevoke = "device.token.revoke"
  case deviceTokenRotate = "device.token.rotate"
  case execApprovalCouldNotShow = "exec.approval.couldNotShow"
  case execApprovalGet = "exec.approval.get"
  case execApprovalGrantsList = "exec.approval.grants.list"
  case execApprovalGrantsRevoke = "exec.approval.grants.revoke"
  case execApprovalGrantsSimulate = "exec.approval.grants.simulate"
  case execApprovalList = "exec.approval.list"
  case execApprovalResolve = "exec.approval.resolve"
  case health
  case logsTail = "logs.tail"
  case modelsAuthStatus = "models.authStatus"
  case modelsList = "models.list"
  case modelsOfferAccept = "models.offer.accept"
  case modelsProbe = "models.probe"
  case modelsProviderRemove = "models.provider.remove"
  case modelsProviderSave = "models.provider.save"
  case outboxCancel = "outbox.cancel"
  case outboxList = "outbox.list"
  case outboxRetry = "outbox.retry"
  case sandboxStatus = "sandbox.status"
  case send
  case sessionsCreate = "sessions.create"
  case sessionsDelete = "sessions.delete"
  case sessionsDescribe = "sessions.describe"
  case sessionsElevate = "sessions.elevate"
  case sessionsExport = "sessions.export"
  case sessionsList = "sessions.list"
  case sessionsMessagesSubscribe = "sessions.messages.subscribe"
  case sessionsMessagesUnsubscribe = "sessions.messages.unsubscribe"
  case sessionsPatch = "sessions.patch"
  case sessionsPreview = "sessions.preview"
  case sessionsReset = "sessions.reset"
  case sessionsRestore = "sessions.restore"
  case sessionsRewind = "sessions.rewind"
  case sessionsSay = "sessions.say"
  case sessionsSearch = "sessions.search"
  case sessionsSubscribe = "sessions.subscribe"
  case sessionsTakeOver = "sessions.takeOver"
  case status
  case systemPresence = "system-presence"
  case toolsCatalog = "tools.catalog"
  case toolsExplain = "tools.explain"
  case toolsInvoke = "tools.invoke"
  case usageCost = "usage.cost"
  case usageStatus = "usage.status"
  case webLoginStart = "web.login.start"
  case webLoginWait = "web.login.wait"
}

public enum GatehouseEvent: String, Codable, Sendable, Equatable, CaseIterable {
  case agent
  case channelsLogin = "channels.login"
  case channelsPairing = "channels.pairing"
  case channelsStatus = "channels.status"
  case chat
  case configChanged = "config.changed"
  case connectChallenge = "connect.challenge"
  case devicePairRequested = "device.pair.requested"
  case devicePairResolved = "device.pair.resolved"
  case execApprovalRequested = "exec.approval.requested"
  case execApprovalResolved = "exec.approval.resolved"
  case health
  case outboxChanged = "outbox.changed"
  case presence
  case sessionMessage = "session.message"
  case sessionsChanged = "sessions.changed"
  case shutdown
  case tick
}

public struct RequestFrame: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var id: String
  public var method: String
  public var params: JSONValue?
  public var traceparent: String?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case req
  }

  public init(
    type: TypeValue = .req,
    id: String,
    method: String,
    params: JSONValue? = nil,
    traceparent: String? = nil
  ) {
    self.type = type
    self.id = id
    self.method = method
    self.params = params
    self.traceparent = traceparent
  }
}

public struct ResponseFrame: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var id: String
  public var ok: Bool
  public var payload: JSONValue?
  public var error: ErrorShape?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case res
  }

  public init(
    type: TypeValue = .res,
    id: String,
    ok: Bool,
    payload: JSONValue? = nil,
    error: ErrorShape? = nil
  ) {
    self.type = type
    self.id = id
    self.ok = ok
    self.payload = payload
    self.error = error
  }
}

public struct EventFrame: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var event: String
  public var payload: JSONValue?
  public var seq: Int?
  public var stateVersion: StateVersion?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case event
  }

  public init(
    type: TypeValue = .event,
    event: String,
    payload: JSONValue? = nil,
    seq: Int? = nil,
    stateVersion: StateVersion? = nil
  ) {
    self.type = type
    self.event = event
    self.payload = payload
    self.seq = seq
    self.stateVersion = stateVersion
  }
}

public struct ErrorShape: Codable, Sendable, Equatable {
  public var code: Code
  public var message: String
  public var details: JSONValue?
  public var retryable: Bool?
  public var retryAfterMs: Double?

  public enum Code: String, Codable, Sendable, Equatable, CaseIterable {
    case notLinked = "NOT_LINKED"
    case notPaired = "NOT_PAIRED"
    case agentTimeout = "AGENT_TIMEOUT"
    case invalidRequest = "INVALID_REQUEST"
    case forbidden = "FORBIDDEN"
    case approvalNotFound = "APPROVAL_NOT_FOUND"
    case unavailable = "UNAVAILABLE"
    case alreadyResolved = "ALREADY_RESOLVED"
    case rateLimited = "RATE_LIMITED"
    case `internal` = "INTERNAL"
  }

  public init(
    code: Code,
    message: String,
    details: JSONValue? = nil,
    retryable: Bool? = nil,
    retryAfterMs: Double? = nil
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.retryable = retryable
    self.retryAfterMs = retryAfterMs
  }
}

public struct ConnectParams: Codable, Sendable, Equatable {
  public var minProtocol: Int
  public var maxProtocol: Int
  public var client: Client
  public var role: Role?
  public var scopes: [String]?
  public var caps: [String]?
  public var commands: [String]?
  public var permissions: [String: Bool]?
  public var pathEnv: String?
  public var device: Device?
  public var auth: Auth?
  public var locale: String?
  public var userAgent: String?

  public struct Client: Codable, Sendable, Equatable {
    public var id: Id
    public var version: String
    public var platform: String
    public var mode: Mode
    public var displayName: String?
    public var deviceFamily: String?
    public var modelIdentifier: String?
    public var instanceId: String?
    public var buildId: String?
    public var timeZone: String?

    public enum Id: String, Codable, Sendable, Equatable, CaseIterable {
      case gatehouseDesktop = "gatehouse-desktop"
      case gatehouseWeb = "gatehouse-web"
      case gatehousePhone = "gatehouse-phone"
      case gatehouseCli = "gatehouse-cli"
      case gatehouseNode = "gatehouse-node"
      case webchatUi = "webchat-ui"
      case openclawControlUi = "openclaw-control-ui"
      case openclawTui = "openclaw-tui"
      case webchat
      case cli
      case gatewayClient = "gateway-client"
      case openclawMacos = "openclaw-macos"
      case openclawLinux = "openclaw-linux"
      case openclawIos = "openclaw-ios"
      case openclawWatchos = "openclaw-watchos"
      case openclawAndroid = "openclaw-android"
      case nodeHost = "node-host"
      case openclawProbe = "openclaw-probe"
      case fingerprint
      case test
      case openclawBrowserCopilot = "openclaw-browser-copilot"
      case openclawWorker = "openclaw-worker"
    }

    public enum Mode: String, Codable, Sendable, Equatable, CaseIterable {
      case webchat
      case cli
      case ui
      case backend
      case node
      case worker
      case probe
      case test
    }

    public init(
      id: Id,
      version: String,
      platform: String,
      mode: Mode,
      displayName: String? = nil,
      deviceFamily: String? = nil,
      modelIdentifier: String? = nil,
      instanceId: String? = nil,
      buildId: String? = nil,
      timeZone: String? = nil
    ) {
      self.id = id
      self.version = version
      self.platform = platform
      self.mode = mode
      self.displayName = displayName
      self.deviceFamily = deviceFamily
      self.modelIdentifier = modelIdentifier
      self.instanceId = instanceId
      self.buildId = buildId
      self.timeZone = timeZone
    }
  }

  public enum Role: String, Codable, Sendable, Equatable, CaseIterable {
    case `operator`
    case node
  }

  public struct Device: Codable, Sendable, Equatable {
    public var id: String
    public var publicKey: String
    public var signature: String
    public var signedAt: Int
    public var nonce: String?

    public init(
      id: String,
      publicKey: String,
      signature: String,
      signedAt: Int,
      nonce: String? = nil
    ) {
      self.id = id
      self.publicKey = publicKey
      self.signature = signature
      self.signedAt = signedAt
      self.nonce = nonce
    }
  }

  public struct Auth: Codable, Sendable, Equatable {
    public var token: String?
    public var password: String?
    public var deviceToken: String?
    public var bootstrapToken: String?

    public init(
      token: String? = nil,
      password: String? = nil,
      deviceToken: String? = nil,
      bootstrapToken: String? = nil
    ) {
      self.token = token
      self.password = password
      self.deviceToken = deviceToken
      self.bootstrapToken = bootstrapToken
    }
  }

  public init(
    minProtocol: Int,
    maxProtocol: Int,
    client: Client,
    role: Role? = nil,
    scopes: [String]? = nil,
    caps: [String]? = nil,
    commands: [String]? = nil,
    permissions: [String: Bool]? = nil,
    pathEnv: String? = nil,
    device: Device? = nil,
    auth: Auth? = nil,
    locale: String? = nil,
    userAgent: String? = nil
  ) {
    self.minProtocol = minProtocol
    self.maxProtocol = maxProtocol
    self.client = client
    self.role = role
    self.scopes = scopes
    self.caps = caps
    self.commands = commands
    self.permissions = permissions
    self.pathEnv = pathEnv
    self.device = device
    self.auth = auth
    self.locale = locale
    self.userAgent = userAgent
  }
}

public struct HelloOk: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var `protocol`: Int
  public var server: Server
  public var features: Features
  public var snapshot: Snapshot
  public var auth: Auth
  public var policy: Policy
  public var canvasHostUrl: String?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case helloOk = "hello-ok"
  }

  public struct Server: Codable, Sendable, Equatable {
    public var version: String
    public var connId: String
    public var host: String?

    public init(
      version: String,
      connId: String,
      host: String? = nil
    ) {
      self.version = version
      self.connId = connId
      self.host = host
    }
  }

  public struct Features: Codable, Sendable, Equatable {
    public var methods: [String]
    public var events: [String]
    public var capabilities: [String]?

    public init(
      methods: [String],
      events: [String],
      capabilities: [String]? = nil
    ) {
      self.methods = methods
      self.events = events
      self.capabilities = capabilities
    }
  }

  public struct Snapshot: Codable, Sendable, Equatable {
    public var presence: [PresenceEntry]
    public var health: JSONValue
    public var stateVersion: StateVersion
    public var uptimeMs: Int
    public var sessionDefaults: SessionDefaults

    public struct SessionDefaults: Codable, Sendable, Equatable {
      public var defaultAgentId: String
      public var mainKey: String
      public var mainSessionKey: String
      public var scope: String
      public var modelConfigured: Bool

      public init(
        defaultAgentId: String,
        mainKey: String,
        mainSessionKey: String,
        scope: String,
        modelConfigured: Bool
      ) {
        self.defaultAgentId = defaultAgentId
        self.mainKey = mainKey
        self.mainSessionKey = mainSessionKey
        self.scope = scope
        self.modelConfigured = modelConfigured
      }
    }

    public init(
      presence: [PresenceEntry],
      health: JSONValue,
      stateVersion: StateVersion,
      uptimeMs: Int,
      sessionDefaults: SessionDefaults
    ) {
      self.presence = presence
      self.health = health
      self.stateVersion = stateVersion
      self.uptimeMs = uptimeMs
      self.sessionDefaults = sessionDefaults
    }
  }

  public struct Auth: Codable, Sendable, Equatable {
    public var role: String
    public var scopes: [String]
    public var method: String
    public var deviceToken: String?
    public var issuedAtMs: Int?

    public init(
      role: String,
      scopes: [String],
      method: String,
      deviceToken: String? = nil,
      issuedAtMs: Int? = nil
    ) {
      self.role = role
      self.scopes = scopes
      self.method = method
      self.deviceToken = deviceToken
      self.issuedAtMs = issuedAtMs
    }
  }

  public struct Policy: Codable, Sendable, Equatable {
    public var maxPayload: Int
    public var maxBufferedBytes: Int
    public var tickIntervalMs: Int

    public init(
      maxPayload: Int,
      maxBufferedBytes: Int,
      tickIntervalMs: Int
    ) {
      self.maxPayload = maxPayload
      self.maxBufferedBytes = maxBufferedBytes
      self.tickIntervalMs = tickIntervalMs
    }
  }

  public init(
    type: TypeValue = .helloOk,
    `protocol`: Int,
    server: Server,
    features: Features,
    snapshot: Snapshot,
    auth: Auth,
    policy: Policy,
    canvasHostUrl: String? = nil
  ) {
    self.type = type
    self.`protocol` = `protocol`
    self.server = server
    self.features = features
    self.snapshot = snapshot
    self.auth = auth
    self.policy = policy
    self.canvasHostUrl = canvasHostUrl
  }
}

public enum AgentEvent: Codable, Sendable, Equatable {
  case lifecycle(Lifecycle)
  case assistant(Assistant)
  case thinking(Thinking)
  case tool(Tool)
  case usage(UsageValue)
  case compaction(Compaction)

  public struct Lifecycle: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: DataValue

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case lifecycle
    }

    public struct DataValue: Codable, Sendable, Equatable {
      public var phase: Phase
      public var model: String?
      public var error: String?
      public var approvalId: String?
      public var retryAfterMs: Double?

      public enum Phase: String, Codable, Sendable, Equatable, CaseIterable {
        case start
        case model
        case waitingApproval = "waiting-approval"
        case approvalResolved = "approval-resolved"
        case retry
        case end
        case error
      }

      public init(
        phase: Phase,
        model: String? = nil,
        error: String? = nil,
        approvalId: String? = nil,
        retryAfterMs: Double? = nil
      ) {
        self.phase = phase
        self.model = model
        self.error = error
        self.approvalId = approvalId
        self.retryAfterMs = retryAfterMs
      }
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .lifecycle,
      data: DataValue
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  public struct Assistant: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: DataValue

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case assistant
    }

    public struct DataValue: Codable, Sendable, Equatable {
      public var delta: String
      public var text: String

      public init(
        delta: String,
        text: String
      ) {
        self.delta = delta
        self.text = text
      }
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .assistant,
      data: DataValue
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  public struct Thinking: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: DataValue

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case thinking
    }

    public struct DataValue: Codable, Sendable, Equatable {
      public var delta: String

      public init(
        delta: String
      ) {
        self.delta = delta
      }
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .thinking,
      data: DataValue
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  public struct Tool: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: DataValue

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case tool
    }

    public struct DataValue: Codable, Sendable, Equatable {
      public var phase: Phase
      public var toolCallId: String
      public var name: String
      public var args: JSONValue?
      public var result: String?
      public var isError: Bool?

      public enum Phase: String, Codable, Sendable, Equatable, CaseIterable {
        case start
        case update
        case result
      }

      public init(
        phase: Phase,
        toolCallId: String,
        name: String,
        args: JSONValue? = nil,
        result: String? = nil,
        isError: Bool? = nil
      ) {
        self.phase = phase
        self.toolCallId = toolCallId
        self.name = name
        self.args = args
        self.result = result
        self.isError = isError
      }
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .tool,
      data: DataValue
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  public struct UsageValue: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: Usage

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case usage
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .usage,
      data: Usage
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  public struct Compaction: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var ts: Int
    public var stream: Stream
    public var data: DataValue

    public enum Stream: String, Codable, Sendable, Equatable, CaseIterable {
      case compaction
    }

    public struct DataValue: Codable, Sendable, Equatable {
      public var phase: String

      public init(
        phase: String
      ) {
        self.phase = phase
      }
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      ts: Int,
      stream: Stream = .compaction,
      data: DataValue
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.ts = ts
      self.stream = stream
      self.data = data
    }
  }

  private enum Tag: String, CodingKey { case tag = "stream" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Tag.self)
    switch try container.decode(String.self, forKey: .tag) {
    case "lifecycle": self = .lifecycle(try Lifecycle(from: decoder))
    case "assistant": self = .assistant(try Assistant(from: decoder))
    case "thinking": self = .thinking(try Thinking(from: decoder))
    case "tool": self = .tool(try Tool(from: decoder))
    case "usage": self = .usage(try UsageValue(from: decoder))
    case "compaction": self = .compaction(try Compaction(from: decoder))
    default:
      throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown stream")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .lifecycle(let value): try value.encode(to: encoder)
    case .assistant(let value): try value.encode(to: encoder)
    case .thinking(let value): try value.encode(to: encoder)
    case .tool(let value): try value.encode(to: encoder)
    case .usage(let value): try value.encode(to: encoder)
    case .compaction(let value): try value.encode(to: encoder)
    }
  }
}

public struct Approval: Codable, Sendable, Equatable {
  public var id: String
  public var approvalKind: String
  public var request: ApprovalRequest
  public var createdAtMs: Int
  public var expiresAtMs: Int
  public var status: Status
  public var outcome: ApprovalOutcome?
  public var decision: ApprovalDecision?
  public var resolvedBy: String?
  public var resolvedAtMs: Int?
  public var run: Run?

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case pending
    case resolved
  }

  public enum Run: String, Codable, Sendable, Equatable, CaseIterable {
    case done
    case failed
    case unknown
  }

  public init(
    id: String,
    approvalKind: String,
    request: ApprovalRequest,
    createdAtMs: Int,
    expiresAtMs: Int,
    status: Status,
    outcome: ApprovalOutcome? = nil,
    decision: ApprovalDecision? = nil,
    resolvedBy: String? = nil,
    resolvedAtMs: Int? = nil,
    run: Run? = nil
  ) {
    self.id = id
    self.approvalKind = approvalKind
    self.request = request
    self.createdAtMs = createdAtMs
    self.expiresAtMs = expiresAtMs
    self.status = status
    self.outcome = outcome
    self.decision = decision
    self.resolvedBy = resolvedBy
    self.resolvedAtMs = resolvedAtMs
    self.run = run
  }
}

public enum ApprovalDecision: String, Codable, Sendable, Equatable, CaseIterable {
  case allowOnce = "allow-once"
  case allowAlways = "allow-always"
  case deny
}

public enum ApprovalOutcome: String, Codable, Sendable, Equatable, CaseIterable {
  case allowed
  case denied
  case expired
  case couldNotShow = "could-not-show"
}

public struct ApprovalRequest: Codable, Sendable, Equatable {
  public var tool: String
  public var level: Int
  public var command: String?
  public var argv: [String]?
  public var cwd: String?
  public var envKeys: [String]?
  public var resolvedPath: String?
  public var host: String
  public var agentId: String
  public var sessionKey: String
  public var channel: String?
  public var requester: String?
  public var summary: String
  public var diff: String?
  public var hosts: [String]?
  public var why: String?
  public var warnings: [String]
  public var allowedDecisions: [ApprovalDecision]
  public var proposals: [Proposals]
  public var digest: String

  public struct Proposals: Codable, Sendable, Equatable {
    public var rule: GrantRule
    public var sentence: String

    public init(
      rule: GrantRule,
      sentence: String
    ) {
      self.rule = rule
      self.sentence = sentence
    }
  }

  public init(
    tool: String,
    level: Int,
    command: String? = nil,
    argv: [String]? = nil,
    cwd: String? = nil,
    envKeys: [String]? = nil,
    resolvedPath: String? = nil,
    host: String,
    agentId: String,
    sessionKey: String,
    channel: String? = nil,
    requester: String? = nil,
    summary: String,
    diff: String? = nil,
    hosts: [String]? = nil,
    why: String? = nil,
    warnings: [String],
    allowedDecisions: [ApprovalDecision],
    proposals: [Proposals],
    digest: String
  ) {
    self.tool = tool
    self.level = level
    self.command = command
    self.argv = argv
    self.cwd = cwd
    self.envKeys = envKeys
    self.resolvedPath = resolvedPath
    self.host = host
    self.agentId = agentId
    self.sessionKey = sessionKey
    self.channel = channel
    self.requester = requester
    self.summary = summary
    self.diff = diff
    self.hosts = hosts
    self.why = why
    self.warnings = warnings
    self.allowedDecisions = allowedDecisions
    self.proposals = proposals
    self.digest = digest
  }
}

public struct Attachment: Codable, Sendable, Equatable {
  public var type: String?
  public var mimeType: String?
  public var fileName: String?
  public var content: String

  public init(
    type: String? = nil,
    mimeType: String? = nil,
    fileName: String? = nil,
    content: String
  ) {
    self.type = type
    self.mimeType = mimeType
    self.fileName = fileName
    self.content = content
  }
}

public struct AuditEntry: Codable, Sendable, Equatable {
  public var seq: Int
  public var id: String
  public var ts: Int
  public var type: String
  public var level: String
  public var `actor`: String
  public var target: String?
  public var sessionKey: String?
  public var correlationId: String?
  public var message: String
  public var data: JSONValue?

  public init(
    seq: Int,
    id: String,
    ts: Int,
    type: String,
    level: String,
    `actor`: String,
    target: String? = nil,
    sessionKey: String? = nil,
    correlationId: String? = nil,
    message: String,
    data: JSONValue? = nil
  ) {
    self.seq = seq
    self.id = id
    self.ts = ts
    self.type = type
    self.level = level
    self.`actor` = `actor`
    self.target = target
    self.sessionKey = sessionKey
    self.correlationId = correlationId
    self.message = message
    self.data = data
  }
}

public struct ChangeRow: Codable, Sendable, Equatable {
  public var changeId: String
  public var path: String
  public var kind: Kind
  public var sessionKey: String
  public var runId: String
  public var callId: String
  public var tool: String
  public var at: Int
  public var bytesBefore: Int
  public var bytesAfter: Int
  public var undoneAt: Int?

  public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
    case created
    case changed
    case removed
  }

  public init(
    changeId: String,
    path: String,
    kind: Kind,
    sessionKey: String,
    runId: String,
    callId: String,
    tool: String,
    at: Int,
    bytesBefore: Int,
    bytesAfter: Int,
    undoneAt: Int? = nil
  ) {
    self.changeId = changeId
    self.path = path
    self.kind = kind
    self.sessionKey = sessionKey
    self.runId = runId
    self.callId = callId
    self.tool = tool
    self.at = at
    self.bytesBefore = bytesBefore
    self.bytesAfter = bytesAfter
    self.undoneAt = undoneAt
  }
}

public enum ChatEvent: Codable, Sendable, Equatable {
  case delta(Delta)
  case `final`(Final)
  case aborted(Aborted)
  case error(ErrorValue)

  public struct Delta: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var state: State
    public var deltaText: String?
    public var message: JSONValue?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case delta
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      state: State = .delta,
      deltaText: String? = nil,
      message: JSONValue? = nil
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.state = state
      self.deltaText = deltaText
      self.message = message
    }
  }

  public struct Final: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var state: State
    public var message: Message?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case `final`
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      state: State = .`final`,
      message: Message? = nil
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.state = state
      self.message = message
    }
  }

  public struct Aborted: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var state: State
    public var message: Message?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case aborted
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      state: State = .aborted,
      message: Message? = nil
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.state = state
      self.message = message
    }
  }

  public struct ErrorValue: Codable, Sendable, Equatable {
    public var runId: String
    public var sessionKey: String
    public var seq: Int
    public var state: State
    public var errorMessage: String
    public var errorKind: ErrorKind?
    public var message: Message?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case error
    }

    public init(
      runId: String,
      sessionKey: String,
      seq: Int,
      state: State = .error,
      errorMessage: String,
      errorKind: ErrorKind? = nil,
      message: Message? = nil
    ) {
      self.runId = runId
      self.sessionKey = sessionKey
      self.seq = seq
      self.state = state
      self.errorMessage = errorMessage
      self.errorKind = errorKind
      self.message = message
    }
  }

  private enum Tag: String, CodingKey { case tag = "state" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Tag.self)
    switch try container.decode(String.self, forKey: .tag) {
    case "delta": self = .delta(try Delta(from: decoder))
    case "final": self = .`final`(try Final(from: decoder))
    case "aborted": self = .aborted(try Aborted(from: decoder))
    case "error": self = .error(try ErrorValue(from: decoder))
    default:
      throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown state")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .delta(let value): try value.encode(to: encoder)
    case .`final`(let value): try value.encode(to: encoder)
    case .aborted(let value): try value.encode(to: encoder)
    case .error(let value): try value.encode(to: encoder)
    }
  }
}

public enum ContentBlock: Codable, Sendable, Equatable {
  case text(TextBlock)
  case thinking(ThinkingBlock)
  case toolCall(ToolCallBlock)
  case image(ImageBlock)
  case file(FileBlock)

  private enum Tag: String, CodingKey { case tag = "type" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Tag.self)
    switch try container.decode(String.self, forKey: .tag) {
    case "text": self = .text(try TextBlock(from: decoder))
    case "thinking": self = .thinking(try ThinkingBlock(from: decoder))
    case "toolCall": self = .toolCall(try ToolCallBlock(from: decoder))
    case "image": self = .image(try ImageBlock(from: decoder))
    case "file": self = .file(try FileBlock(from: decoder))
    default:
      throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown type")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let value): try value.encode(to: encoder)
    case .thinking(let value): try value.encode(to: encoder)
    case .toolCall(let value): try value.encode(to: encoder)
    case .image(let value): try value.encode(to: encoder)
    case .file(let value): try value.encode(to: encoder)
    }
  }
}

public enum ErrorKind: String, Codable, Sendable, Equatable, CaseIterable {
  case refusal
  case timeout
  case rate_limit
  case context_length
  case unknown
}

public struct FileBlock: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var mimeType: String
  public var fileName: String
  public var text: String

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case file
  }

  public init(
    type: TypeValue = .file,
    mimeType: String,
    fileName: String,
    text: String
  ) {
    self.type = type
    self.mimeType = mimeType
    self.fileName = fileName
    self.text = text
  }
}

public struct Grant: Codable, Sendable, Equatable {
  public var grantId: String
  public var rule: GrantRule
  public var sentence: String
  public var createdAtMs: Int
  public var createdBy: String
  public var mintedByApprovalId: String?
  public var revokedAtMs: Int?
  public var lastUsedAtMs: Int?
  public var uses: Int

  public init(
    grantId: String,
    rule: GrantRule,
    sentence: String,
    createdAtMs: Int,
    createdBy: String,
    mintedByApprovalId: String? = nil,
    revokedAtMs: Int? = nil,
    lastUsedAtMs: Int? = nil,
    uses: Int
  ) {
    self.grantId = grantId
    self.rule = rule
    self.sentence = sentence
    self.createdAtMs = createdAtMs
    self.createdBy = createdBy
    self.mintedByApprovalId = mintedByApprovalId
    self.revokedAtMs = revokedAtMs
    self.lastUsedAtMs = lastUsedAtMs
    self.uses = uses
  }
}

public struct GrantRule: Codable, Sendable, Equatable {
  public var tool: String
  public var match: Match
  public var `where`: Where
  public var maxLevel: Int
  public var expiresAtMs: Int?

  public enum Match: Codable, Sendable, Equatable {
    case exact(Exact)
    case program(Program)
    case tool(Tool)

    public struct Exact: Codable, Sendable, Equatable {
      public var kind: Kind
      public var argv: [String]
      public var cwd: String
      public var filesDigest: String?

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case exact
      }

      public init(
        kind: Kind = .exact,
        argv: [String],
        cwd: String,
        filesDigest: String? = nil
      ) {
        self.kind = kind
        self.argv = argv
        self.cwd = cwd
        self.filesDigest = filesDigest
      }
    }

    public struct Program: Codable, Sendable, Equatable {
      public var kind: Kind
      public var path: String
      public var cwd: String

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case program
      }

      public init(
        kind: Kind = .program,
        path: String,
        cwd: String
      ) {
        self.kind = kind
        self.path = path
        self.cwd = cwd
      }
    }

    public struct Tool: Codable, Sendable, Equatable {
      public var kind: Kind
      public var workspace: String

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case tool
      }

      public init(
        kind: Kind = .tool,
        workspace: String
      ) {
        self.kind = kind
        self.workspace = workspace
      }
    }

    private enum Tag: String, CodingKey { case tag = "kind" }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Tag.self)
      switch try container.decode(String.self, forKey: .tag) {
      case "exact": self = .exact(try Exact(from: decoder))
      case "program": self = .program(try Program(from: decoder))
      case "tool": self = .tool(try Tool(from: decoder))
      default:
        throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown kind")
      }
    }

    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .exact(let value): try value.encode(to: encoder)
      case .program(let value): try value.encode(to: encoder)
      case .tool(let value): try value.encode(to: encoder)
      }
    }
  }

  public enum Where: Codable, Sendable, Equatable {
    case session(Session)
    case agent(Agent)
    case everywhere(Everywhere)

    public struct Session: Codable, Sendable, Equatable {
      public var kind: Kind
      public var sessionKey: String

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case session
      }

      public init(
        kind: Kind = .session,
        sessionKey: String
      ) {
        self.kind = kind
        self.sessionKey = sessionKey
      }
    }

    public struct Agent: Codable, Sendable, Equatable {
      public var kind: Kind
      public var agentId: String

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case agent
      }

      public init(
        kind: Kind = .agent,
        agentId: String
      ) {
        self.kind = kind
        self.agentId = agentId
      }
    }

    public struct Everywhere: Codable, Sendable, Equatable {
      public var kind: Kind

      public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
        case everywhere
      }

      public init(
        kind: Kind = .everywhere
      ) {
        self.kind = kind
      }
    }

    private enum Tag: String, CodingKey { case tag = "kind" }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Tag.self)
      switch try container.decode(String.self, forKey: .tag) {
      case "session": self = .session(try Session(from: decoder))
      case "agent": self = .agent(try Agent(from: decoder))
      case "everywhere": self = .everywhere(try Everywhere(from: decoder))
      default:
        throw DecodingError.dataCorruptedError(forKey: .tag, in: container, debugDescription: "unknown kind")
      }
    }

    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .session(let value): try value.encode(to: encoder)
      case .agent(let value): try value.encode(to: encoder)
      case .everywhere(let value): try value.encode(to: encoder)
      }
    }
  }

  public init(
    tool: String,
    match: Match,
    `where`: Where,
    maxLevel: Int,
    expiresAtMs: Int? = nil
  ) {
    self.tool = tool
    self.match = match
    self.`where` = `where`
    self.maxLevel = maxLevel
    self.expiresAtMs = expiresAtMs
  }
}

public struct HealthSummary: Codable, Sendable, Equatable {
  public var ok: Bool
  public var ts: Int
  public var durationMs: Double
  public var version: String
  public var uptimeMs: Int
  public var defaultAgentId: String
  public var agents: [Agents]
  public var sessions: Sessions
  public var channels: [String: JSONValue]
  public var channelOrder: [String]
  public var channelLabels: [String: String]
  public var heartbeatSeconds: Double
  public var eventLoop: EventLoop?
  public var problems: [String]

  public struct Agents: Codable, Sendable, Equatable {
    public var agentId: String
    public var isDefault: Bool
    public var heartbeat: Heartbeat
    public var sessions: Sessions

    public struct Heartbeat: Codable, Sendable, Equatable {
      public var enabled: Bool

      public init(
        enabled: Bool
      ) {
        self.enabled = enabled
      }
    }

    public struct Sessions: Codable, Sendable, Equatable {
      public var path: String
      public var count: Int
      public var recent: [JSONValue]

      public init(
        path: String,
        count: Int,
        recent: [JSONValue]
      ) {
        self.path = path
        self.count = count
        self.recent = recent
      }
    }

    public init(
      agentId: String,
      isDefault: Bool,
      heartbeat: Heartbeat,
      sessions: Sessions
    ) {
      self.agentId = agentId
      self.isDefault = isDefault
      self.heartbeat = heartbeat
      self.sessions = sessions
    }
  }

  public struct Sessions: Codable, Sendable, Equatable {
    public var path: String
    public var count: Int
    public var recent: [JSONValue]

    public init(
      path: String,
      count: Int,
      recent: [JSONValue]
    ) {
      self.path = path
      self.count = count
      self.recent = recent
    }
  }

  public struct EventLoop: Codable, Sendable, Equatable {
    public var degraded: Bool
    public var reasons: [String]
    public var delayP50Ms: Double
    public var delayP99Ms: Double
    public var delayMaxMs: Double
    public var utilization: Double
    public var cpuCoreRatio: Double

    public init(
      degraded: Bool,
      reasons: [String],
      delayP50Ms: Double,
      delayP99Ms: Double,
      delayMaxMs: Double,
      utilization: Double,
      cpuCoreRatio: Double
    ) {
      self.degraded = degraded
      self.reasons = reasons
      self.delayP50Ms = delayP50Ms
      self.delayP99Ms = delayP99Ms
      self.delayMaxMs = delayMaxMs
      self.utilization = utilization
      self.cpuCoreRatio = cpuCoreRatio
    }
  }

  public init(
    ok: Bool,
    ts: Int,
    durationMs: Double,
    version: String,
    uptimeMs: Int,
    defaultAgentId: String,
    agents: [Agents],
    sessions: Sessions,
    channels: [String: JSONValue],
    channelOrder: [String],
    channelLabels: [String: String],
    heartbeatSeconds: Double,
    eventLoop: EventLoop? = nil,
    problems: [String]
  ) {
    self.ok = ok
    self.ts = ts
    self.durationMs = durationMs
    self.version = version
    self.uptimeMs = uptimeMs
    self.defaultAgentId = defaultAgentId
    self.agents = agents
    self.sessions = sessions
    self.channels = channels
    self.channelOrder = channelOrder
    self.channelLabels = channelLabels
    self.heartbeatSeconds = heartbeatSeconds
    self.eventLoop = eventLoop
    self.problems = problems
  }
}

public struct ImageBlock: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var mimeType: String
  public var data: String
  public var fileName: String?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case image
  }

  public init(
    type: TypeValue = .image,
    mimeType: String,
    data: String,
    fileName: String? = nil
  ) {
    self.type = type
    self.mimeType = mimeType
    self.data = data
    self.fileName = fileName
  }
}

public struct Message: Codable, Sendable, Equatable {
  public var id: String
  public var role: Role
  public var content: [ContentBlock]
  public var timestamp: Int
  public var runId: String?
  public var model: String?
  public var usage: Usage?
  public var stopReason: StopReason?
  public var incomplete: Bool?
  public var errorMessage: String?
  public var toolCallId: String?
  public var toolName: String?
  public var isError: Bool?
  public var untrusted: String?
  public var verbatim: Bool?
  public var label: String?

  public enum Role: String, Codable, Sendable, Equatable, CaseIterable {
    case user
    case assistant
    case toolResult
  }

  public init(
    id: String,
    role: Role,
    content: [ContentBlock],
    timestamp: Int,
    runId: String? = nil,
    model: String? = nil,
    usage: Usage? = nil,
    stopReason: StopReason? = nil,
    incomplete: Bool? = nil,
    errorMessage: String? = nil,
    toolCallId: String? = nil,
    toolName: String? = nil,
    isError: Bool? = nil,
    untrusted: String? = nil,
    verbatim: Bool? = nil,
    label: String? = nil
  ) {
    self.id = id
    self.role = role
    self.content = content
    self.timestamp = timestamp
    self.runId = runId
    self.model = model
    self.usage = usage
    self.stopReason = stopReason
    self.incomplete = incomplete
    self.errorMessage = errorMessage
    self.toolCallId = toolCallId
    self.toolName = toolName
    self.isError = isError
    self.untrusted = untrusted
    self.verbatim = verbatim
    self.label = label
  }
}

public struct ModelRow: Codable, Sendable, Equatable {
  public var id: String
  public var name: String
  public var provider: String
  public var ref: String
  public var available: Bool
  public var unavailableReason: String?
  public var contextWindow: Int?
  public var reasoning: Bool?
  public var input: [String]?
  public var isDefault: Bool

  public init(
    id: String,
    name: String,
    provider: String,
    ref: String,
    available: Bool,
    unavailableReason: String? = nil,
    contextWindow: Int? = nil,
    reasoning: Bool? = nil,
    input: [String]? = nil,
    isDefault: Bool
  ) {
    self.id = id
    self.name = name
    self.provider = provider
    self.ref = ref
    self.available = available
    self.unavailableReason = unavailableReason
    self.contextWindow = contextWindow
    self.reasoning = reasoning
    self.input = input
    self.isDefault = isDefault
  }
}

public struct PairedDevice: Codable, Sendable, Equatable {
  public var deviceId: String
  public var displayName: String?
  public var platform: String?
  public var clientId: String?
  public var roles: [String]
  public var scopes: [String]
  public var tokens: [Tokens]
  public var createdAtMs: Int
  public var approvedAtMs: Int
  public var lastSeenAtMs: Int?
  public var connected: Bool

  public struct Tokens: Codable, Sendable, Equatable {
    public var role: String
    public var scopes: [String]
    public var createdAtMs: Int
    public var lastUsedAtMs: Int?

    public init(
      role: String,
      scopes: [String],
      createdAtMs: Int,
      lastUsedAtMs: Int? = nil
    ) {
      self.role = role
      self.scopes = scopes
      self.createdAtMs = createdAtMs
      self.lastUsedAtMs = lastUsedAtMs
    }
  }

  public init(
    deviceId: String,
    displayName: String? = nil,
    platform: String? = nil,
    clientId: String? = nil,
    roles: [String],
    scopes: [String],
    tokens: [Tokens],
    createdAtMs: Int,
    approvedAtMs: Int,
    lastSeenAtMs: Int? = nil,
    connected: Bool
  ) {
    self.deviceId = deviceId
    self.displayName = displayName
    self.platform = platform
    self.clientId = clientId
    self.roles = roles
    self.scopes = scopes
    self.tokens = tokens
    self.createdAtMs = createdAtMs
    self.approvedAtMs = approvedAtMs
    self.lastSeenAtMs = lastSeenAtMs
    self.connected = connected
  }
}

public struct PendingDevice: Codable, Sendable, Equatable {
  public var requestId: String
  public var deviceId: String
  public var displayName: String?
  public var platform: String?
  public var clientId: String?
  public var remoteAddress: String?
  public var role: String
  public var scopes: [String]
  public var reason: String
  public var isRepair: Bool
  public var ts: Int
  public var expiresAtMs: Int

  public init(
    requestId: String,
    deviceId: String,
    displayName: String? = nil,
    platform: String? = nil,
    clientId: String? = nil,
    remoteAddress: String? = nil,
    role: String,
    scopes: [String],
    reason: String,
    isRepair: Bool,
    ts: Int,
    expiresAtMs: Int
  ) {
    self.requestId = requestId
    self.deviceId = deviceId
    self.displayName = displayName
    self.platform = platform
    self.clientId = clientId
    self.remoteAddress = remoteAddress
    self.role = role
    self.scopes = scopes
    self.reason = reason
    self.isRepair = isRepair
    self.ts = ts
    self.expiresAtMs = expiresAtMs
  }
}

public struct PresenceEntry: Codable, Sendable, Equatable {
  public var host: String?
  public var version: String?
  public var platform: String?
  public var deviceFamily: String?
  public var mode: String?
  public var reason: String?
  public var deviceId: String?
  public var instanceId: String?
  public var roles: [String]?
  public var scopes: [String]?
  public var text: String?
  public var ts: Int

  public init(
    host: String? = nil,
    version: String? = nil,
    platform: String? = nil,
    deviceFamily: String? = nil,
    mode: String? = nil,
    reason: String? = nil,
    deviceId: String? = nil,
    instanceId: String? = nil,
    roles: [String]? = nil,
    scopes: [String]? = nil,
    text: String? = nil,
    ts: Int
  ) {
    self.host = host
    self.version = version
    self.platform = platform
    self.deviceFamily = deviceFamily
    self.mode = mode
    self.reason = reason
    self.deviceId = deviceId
    self.instanceId = instanceId
    self.roles = roles
    self.scopes = scopes
    self.text = text
    self.ts = ts
  }
}

public struct ProviderOffer: Codable, Sendable, Equatable {
  public var id: String
  public var provider: String
  public var kind: String
  public var label: String
  public var source: Source
  public var detail: String
  public var baseUrl: String?
  public var models: [String]?

  public enum Source: String, Codable, Sendable, Equatable, CaseIterable {
    case environment
    case localServer = "local-server"
  }

  public init(
    id: String,
    provider: String,
    kind: String,
    label: String,
    source: Source,
    detail: String,
    baseUrl: String? = nil,
    models: [String]? = nil
  ) {
    self.id = id
    self.provider = provider
    self.kind = kind
    self.label = label
    self.source = source
    self.detail = detail
    self.baseUrl = baseUrl
    self.models = models
  }
}

public struct ProviderStatus: Codable, Sendable, Equatable {
  public var provider: String
  public var kind: String
  public var label: String
  public var baseUrl: String?
  public var status: Status
  public var keySource: String?
  public var message: String?

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case ready
    case missingKey = "missing-key"
    case off
    case error
  }

  public init(
    provider: String,
    kind: String,
    label: String,
    baseUrl: String? = nil,
    status: Status,
    keySource: String? = nil,
    message: String? = nil
  ) {
    self.provider = provider
    self.kind = kind
    self.label = label
    self.baseUrl = baseUrl
    self.status = status
    self.keySource = keySource
    self.message = message
  }
}

public struct SandboxState: Codable, Sendable, Equatable {
  public var adapter: String
  public var label: String
  public var confined: [String]
  public var notConfined: [String]
  public var unavailable: [Unavailable]

  public struct Unavailable: Codable, Sendable, Equatable {
    public var adapter: String
    public var reason: String

    public init(
      adapter: String,
      reason: String
    ) {
      self.adapter = adapter
      self.reason = reason
    }
  }

  public init(
    adapter: String,
    label: String,
    confined: [String],
    notConfined: [String],
    unavailable: [Unavailable]
  ) {
    self.adapter = adapter
    self.label = label
    self.confined = confined
    self.notConfined = notConfined
    self.unavailable = unavailable
  }
}

public struct SessionRow: Codable, Sendable, Equatable {
  public var key: String
  public var sessionId: String
  public var agentId: String
  public var kind: Kind
  public var channel: String
  public var label: String?
  public var derivedTitle: String?
  public var displayName: String
  public var lastMessagePreview: String?
  public var pinned: Bool
  public var createdAt: Int
  public var updatedAt: Int
  public var messageCount: Int
  public var model: String?
  public var thinkingLevel: String?
  public var totalTokens: Int
  public var hasActiveRun: Bool
  public var chat: Chat?
  public var isTakenOver: Bool?

  public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
    case direct
    case group
  }

  public struct Chat: Codable, Sendable, Equatable {
    public var channel: String
    public var accountId: String
    public var chatId: String
    public var threadId: String?
    public var name: String?

    public init(
      channel: String,
      accountId: String,
      chatId: String,
      threadId: String? = nil,
      name: String? = nil
    ) {
      self.channel = channel
      self.accountId = accountId
      self.chatId = chatId
      self.threadId = threadId
      self.name = name
    }
  }

  public init(
    key: String,
    sessionId: String,
    agentId: String,
    kind: Kind,
    channel: String,
    label: String? = nil,
    derivedTitle: String? = nil,
    displayName: String,
    lastMessagePreview: String? = nil,
    pinned: Bool,
    createdAt: Int,
    updatedAt: Int,
    messageCount: Int,
    model: String? = nil,
    thinkingLevel: String? = nil,
    totalTokens: Int,
    hasActiveRun: Bool,
    chat: Chat? = nil,
    isTakenOver: Bool? = nil
  ) {
    self.key = key
    self.sessionId = sessionId
    self.agentId = agentId
    self.kind = kind
    self.channel = channel
    self.label = label
    self.derivedTitle = derivedTitle
    self.displayName = displayName
    self.lastMessagePreview = lastMessagePreview
    self.pinned = pinned
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.messageCount = messageCount
    self.model = model
    self.thinkingLevel = thinkingLevel
    self.totalTokens = totalTokens
    self.hasActiveRun = hasActiveRun
    self.chat = chat
    self.isTakenOver = isTakenOver
  }
}

public struct StateVersion: Codable, Sendable, Equatable {
  public var presence: Int
  public var health: Int

  public init(
    presence: Int,
    health: Int
  ) {
    self.presence = presence
    self.health = health
  }
}

public enum StopReason: String, Codable, Sendable, Equatable, CaseIterable {
  case stop
  case length
  case toolUse
  case refusal
  case aborted
  case error
  case interrupted
}

public struct TextBlock: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var text: String

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case text
  }

  public init(
    type: TypeValue = .text,
    text: String
  ) {
    self.type = type
    self.text = text
  }
}

public struct ThinkingBlock: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var thinking: String
  public var signature: String?

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case thinking
  }

  public init(
    type: TypeValue = .thinking,
    thinking: String,
    signature: String? = nil
  ) {
    self.type = type
    self.thinking = thinking
    self.signature = signature
  }
}

public enum ThinkingLevel: String, Codable, Sendable, Equatable, CaseIterable {
  case off
  case minimal
  case low
  case medium
  case high
}

public struct ToolCallBlock: Codable, Sendable, Equatable {
  public var type: TypeValue
  public var id: String
  public var name: String
  public var arguments: [String: JSONValue]

  public enum TypeValue: String, Codable, Sendable, Equatable, CaseIterable {
    case toolCall
  }

  public init(
    type: TypeValue = .toolCall,
    id: String,
    name: String,
    arguments: [String: JSONValue]
  ) {
    self.type = type
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

public struct Usage: Codable, Sendable, Equatable {
  public var input: Int
  public var output: Int
  public var cacheRead: Int?
  public var cacheWrite: Int?
  public var costUsd: Double?

  public init(
    input: Int,
    output: Int,
    cacheRead: Int? = nil,
    cacheWrite: Int? = nil,
    costUsd: Double? = nil
  ) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
    self.costUsd = costUsd
  }
}

// MARK: agent (operator.write)

public struct AgentParams: Codable, Sendable, Equatable {
  public var message: String
  public var idempotencyKey: String
  public var sessionKey: String?
  public var sessionId: String?
  public var agentId: String?
  public var thinking: ThinkingLevel?
  public var attachments: [Attachment]?
  public var timeout: Int?
  public var deliver: Bool?
  public var channel: String?
  public var to: String?
  public var replyTo: String?
  public var replyChannel: String?
  public var replyAccountId: String?
  public var accountId: String?
  public var threadId: String?
  public var lane: String?
  public var label: String?
  public var provider: String?
  public var model: String?
  public var extraSystemPrompt: String?
  public var bestEffortDeliver: Bool?
  public var cleanupBundleMcpOnRunEnd: Bool?

  public init(
    message: String,
    idempotencyKey: String,
    sessionKey: String? = nil,
    sessionId: String? = nil,
    agentId: String? = nil,
    thinking: ThinkingLevel? = nil,
    attachments: [Attachment]? = nil,
    timeout: Int? = nil,
    deliver: Bool? = nil,
    channel: String? = nil,
    to: String? = nil,
    replyTo: String? = nil,
    replyChannel: String? = nil,
    replyAccountId: String? = nil,
    accountId: String? = nil,
    threadId: String? = nil,
    lane: String? = nil,
    label: String? = nil,
    provider: String? = nil,
    model: String? = nil,
    extraSystemPrompt: String? = nil,
    bestEffortDeliver: Bool? = nil,
    cleanupBundleMcpOnRunEnd: Bool? = nil
  ) {
    self.message = message
    self.idempotencyKey = idempotencyKey
    self.sessionKey = sessionKey
    self.sessionId = sessionId
    self.agentId = agentId
    self.thinking = thinking
    self.attachments = attachments
    self.timeout = timeout
    self.deliver = deliver
    self.channel = channel
    self.to = to
    self.replyTo = replyTo
    self.replyChannel = replyChannel
    self.replyAccountId = replyAccountId
    self.accountId = accountId
    self.threadId = threadId
    self.lane = lane
    self.label = label
    self.provider = provider
    self.model = model
    self.extraSystemPrompt = extraSystemPrompt
    self.bestEffortDeliver = bestEffortDeliver
    self.cleanupBundleMcpOnRunEnd = cleanupBundleMcpOnRunEnd
  }
}

public struct AgentResult: Codable, Sendable, Equatable {
  public var runId: String
  public var status: String
  public var sessionKey: String?
  public var agentId: String?
  public var acceptedAt: Int?
  public var summary: String?
  public var result: JSONValue?

  public init(
    runId: String,
    status: String,
    sessionKey: String? = nil,
    agentId: String? = nil,
    acceptedAt: Int? = nil,
    summary: String? = nil,
    result: JSONValue? = nil
  ) {
    self.runId = runId
    self.status = status
    self.sessionKey = sessionKey
    self.agentId = agentId
    self.acceptedAt = acceptedAt
    self.summary = summary
    self.result = result
  }
}

// MARK: agent.identity.get (operator.read)

public struct AgentIdentityGetParams: Codable, Sendable, Equatable {
  public var agentId: String?
  public var sessionKey: String?

  public init(
    agentId: String? = nil,
    sessionKey: String? = nil
  ) {
    self.agentId = agentId
    self.sessionKey = sessionKey
  }
}

public struct AgentIdentityGetResult: Codable, Sendable, Equatable {
  public var agentId: String
  public var name: String
  public var avatar: String
  public var emoji: String?

  public init(
    agentId: String,
    name: String,
    avatar: String,
    emoji: String? = nil
  ) {
    self.agentId = agentId
    self.name = name
    self.avatar = avatar
    self.emoji = emoji
  }
}

// MARK: agent.wait (operator.write)

public struct AgentWaitParams: Codable, Sendable, Equatable {
  public var runId: String
  public var timeoutMs: Int?

  public init(
    runId: String,
    timeoutMs: Int? = nil
  ) {
    self.runId = runId
    self.timeoutMs = timeoutMs
  }
}

public struct AgentWaitResult: Codable, Sendable, Equatable {
  public var runId: String
  public var status: Status
  public var startedAt: Int?
  public var endedAt: Int?
  public var error: String?

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case ok
    case error
    case aborted
    case timeout
  }

  public init(
    runId: String,
    status: Status,
    startedAt: Int? = nil,
    endedAt: Int? = nil,
    error: String? = nil
  ) {
    self.runId = runId
    self.status = status
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.error = error
  }
}

// MARK: agents.list (operator.read)

public struct AgentsListParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct AgentsListResult: Codable, Sendable, Equatable {
  public var defaultId: String
  public var mainKey: String
  public var scope: String
  public var agents: [Agents]

  public struct Agents: Codable, Sendable, Equatable {
    public var id: String
    public var name: String?
    public var identity: Identity?
    public var model: String?

    public struct Identity: Codable, Sendable, Equatable {
      public var name: String
      public var emoji: String

      public init(
        name: String,
        emoji: String
      ) {
        self.name = name
        self.emoji = emoji
      }
    }

    public init(
      id: String,
      name: String? = nil,
      identity: Identity? = nil,
      model: String? = nil
    ) {
      self.id = id
      self.name = name
      self.identity = identity
      self.model = model
    }
  }

  public init(
    defaultId: String,
    mainKey: String,
    scope: String,
    agents: [Agents]
  ) {
    self.defaultId = defaultId
    self.mainKey = mainKey
    self.scope = scope
    self.agents = agents
  }
}

// MARK: approval.history (operator.approvals)

public struct ApprovalHistoryParams: Codable, Sendable, Equatable {
  public var cursor: String?
  public var limit: Int?

  public init(
    cursor: String? = nil,
    limit: Int? = nil
  ) {
    self.cursor = cursor
    self.limit = limit
  }
}

public struct ApprovalHistoryResult: Codable, Sendable, Equatable {
  public var items: [Approval]
  public var nextCursor: String?

  public init(
    items: [Approval],
    nextCursor: String? = nil
  ) {
    self.items = items
    self.nextCursor = nextCursor
  }
}

// MARK: audit.export (operator.admin)

public struct AuditExportParams: Codable, Sendable, Equatable {
  public var type: String?
  public var `actor`: String?
  public var sessionKey: String?
  public var correlationId: String?
  public var level: String?
  public var after: Int?
  public var before: Int?
  public var format: Format?

  public enum Format: String, Codable, Sendable, Equatable, CaseIterable {
    case jsonl
    case csv
  }

  public init(
    type: String? = nil,
    `actor`: String? = nil,
    sessionKey: String? = nil,
    correlationId: String? = nil,
    level: String? = nil,
    after: Int? = nil,
    before: Int? = nil,
    format: Format? = nil
  ) {
    self.type = type
    self.`actor` = `actor`
    self.sessionKey = sessionKey
    self.correlationId = correlationId
    self.level = level
    self.after = after
    self.before = before
    self.format = format
  }
}

public struct AuditExportResult: Codable, Sendable, Equatable {
  public var fileName: String
  public var mimeType: String
  public var content: String
  public var truncated: Bool

  public init(
    fileName: String,
    mimeType: String,
    content: String,
    truncated: Bool
  ) {
    self.fileName = fileName
    self.mimeType = mimeType
    self.content = content
    self.truncated = truncated
  }
}

// MARK: audit.list (operator.admin)

public struct AuditListParams: Codable, Sendable, Equatable {
  public var type: String?
  public var `actor`: String?
  public var sessionKey: String?
  public var correlationId: String?
  public var level: String?
  public var after: Int?
  public var before: Int?
  public var cursor: Int?
  public var limit: Int?

  public init(
    type: String? = nil,
    `actor`: String? = nil,
    sessionKey: String? = nil,
    correlationId: String? = nil,
    level: String? = nil,
    after: Int? = nil,
    before: Int? = nil,
    cursor: Int? = nil,
    limit: Int? = nil
  ) {
    self.type = type
    self.`actor` = `actor`
    self.sessionKey = sessionKey
    self.correlationId = correlationId
    self.level = level
    self.after = after
    self.before = before
    self.cursor = cursor
    self.limit = limit
  }
}

public struct AuditListResult: Codable, Sendable, Equatable {
  public var entries: [AuditEntry]
  public var nextCursor: Int?

  public init(
    entries: [AuditEntry],
    nextCursor: Int? = nil
  ) {
    self.entries = entries
    self.nextCursor = nextCursor
  }
}

// MARK: audit.verify (operator.admin)

public struct AuditVerifyParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct AuditVerifyResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var entries: Int
  public var broken: Broken?

  public struct Broken: Codable, Sendable, Equatable {
    public var seq: Int
    public var id: String
    public var reason: String

    public init(
      seq: Int,
      id: String,
      reason: String
    ) {
      self.seq = seq
      self.id = id
      self.reason = reason
    }
  }

  public init(
    ok: Bool,
    entries: Int,
    broken: Broken? = nil
  ) {
    self.ok = ok
    self.entries = entries
    self.broken = broken
  }
}

// MARK: changes.list (operator.read)

public struct ChangesListParams: Codable, Sendable, Equatable {
  public var sessionKey: String?
  public var callId: String?
  public var limit: Int?

  public init(
    sessionKey: String? = nil,
    callId: String? = nil,
    limit: Int? = nil
  ) {
    self.sessionKey = sessionKey
    self.callId = callId
    self.limit = limit
  }
}

public struct ChangesListResult: Codable, Sendable, Equatable {
  public var changes: [ChangeRow]

  public init(
    changes: [ChangeRow]
  ) {
    self.changes = changes
  }
}

// MARK: changes.undo (operator.write)

public struct ChangesUndoParams: Codable, Sendable, Equatable {
  public var changeId: String?
  public var callId: String?
  public var force: Bool?

  public init(
    changeId: String? = nil,
    callId: String? = nil,
    force: Bool? = nil
  ) {
    self.changeId = changeId
    self.callId = callId
    self.force = force
  }
}

public struct ChangesUndoResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var undone: [ChangeRow]

  public init(
    ok: Bool = true,
    undone: [ChangeRow]
  ) {
    self.ok = ok
    self.undone = undone
  }
}

// MARK: channels.list (operator.read)

public struct ChannelsListParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct ChannelsListResult: Codable, Sendable, Equatable {
  public var channels: [Channels]

  public struct Channels: Codable, Sendable, Equatable {
    public var id: String
    public var label: String
    public var summary: String
    public var setup: [String]
    public var setupUrl: String?
    public var login: Login
    public var groups: Bool
    public var schema: JSONValue
    public var unavailable: String?
    public var isConfigured: Bool
    public var settings: [String: JSONValue]
    public var heldSecrets: [String]

    public enum Login: String, Codable, Sendable, Equatable, CaseIterable {
      case credentials
      case qr
      case none
    }

    public init(
      id: String,
      label: String,
      summary: String,
      setup: [String],
      setupUrl: String? = nil,
      login: Login,
      groups: Bool,
      schema: JSONValue,
      unavailable: String? = nil,
      isConfigured: Bool,
      settings: [String: JSONValue],
      heldSecrets: [String]
    ) {
      self.id = id
      self.label = label
      self.summary = summary
      self.setup = setup
      self.setupUrl = setupUrl
      self.login = login
      self.groups = groups
      self.schema = schema
      self.unavailable = unavailable
      self.isConfigured = isConfigured
      self.settings = settings
      self.heldSecrets = heldSecrets
    }
  }

  public init(
    channels: [Channels]
  ) {
    self.channels = channels
  }
}

// MARK: channels.logout (operator.admin)

public struct ChannelsLogoutParams: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String?

  public init(
    channel: String,
    accountId: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
  }
}

public struct ChannelsLogoutResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: channels.pairing.approve (operator.pairing)

public struct ChannelsPairingApproveParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?
  public var requestId: String?
  public var code: String?
  public var owner: Bool?
  public var notify: Bool?
  public var bootstrapCommandOwner: Bool?

  public init(
    channel: String? = nil,
    accountId: String? = nil,
    requestId: String? = nil,
    code: String? = nil,
    owner: Bool? = nil,
    notify: Bool? = nil,
    bootstrapCommandOwner: Bool? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.requestId = requestId
    self.code = code
    self.owner = owner
    self.notify = notify
    self.bootstrapCommandOwner = bootstrapCommandOwner
  }
}

public struct ChannelsPairingApproveResult: Codable, Sendable, Equatable {
  public var requestId: String
  public var channel: String
  public var senderId: String

  public init(
    requestId: String,
    channel: String,
    senderId: String
  ) {
    self.requestId = requestId
    self.channel = channel
    self.senderId = senderId
  }
}

// MARK: channels.pairing.dismiss (operator.pairing)

public struct ChannelsPairingDismissParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?
  public var requestId: String?
  public var code: String?
  public var block: Bool?

  public init(
    channel: String? = nil,
    accountId: String? = nil,
    requestId: String? = nil,
    code: String? = nil,
    block: Bool? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.requestId = requestId
    self.code = code
    self.block = block
  }
}

public struct ChannelsPairingDismissResult: Codable, Sendable, Equatable {
  public var requestId: String
  public var channel: String
  public var senderId: String

  public init(
    requestId: String,
    channel: String,
    senderId: String
  ) {
    self.requestId = requestId
    self.channel = channel
    self.senderId = senderId
  }
}

// MARK: channels.pairing.list (operator.pairing)

public struct ChannelsPairingListParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?

  public init(
    channel: String? = nil,
    accountId: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
  }
}

public struct ChannelsPairingListResult: Codable, Sendable, Equatable {
  public var requests: [Requests]

  public struct Requests: Codable, Sendable, Equatable {
    public var requestId: String
    public var channel: String
    public var accountId: String
    public var senderId: String
    public var senderName: String?
    public var code: String
    public var createdAtMs: Int
    public var expiresAtMs: Int
    public var waiting: Int

    public init(
      requestId: String,
      channel: String,
      accountId: String,
      senderId: String,
      senderName: String? = nil,
      code: String,
      createdAtMs: Int,
      expiresAtMs: Int,
      waiting: Int
    ) {
      self.requestId = requestId
      self.channel = channel
      self.accountId = accountId
      self.senderId = senderId
      self.senderName = senderName
      self.code = code
      self.createdAtMs = createdAtMs
      self.expiresAtMs = expiresAtMs
      self.waiting = waiting
    }
  }

  public init(
    requests: [Requests]
  ) {
    self.requests = requests
  }
}

// MARK: channels.people.list (operator.read)

public struct ChannelsPeopleListParams: Codable, Sendable, Equatable {
  public var channel: String?

  public init(
    channel: String? = nil
  ) {
    self.channel = channel
  }
}

public struct ChannelsPeopleListResult: Codable, Sendable, Equatable {
  public var people: [People]

  public struct People: Codable, Sendable, Equatable {
    public var channel: String
    public var accountId: String
    public var senderId: String
    public var name: String?
    public var role: Role
    public var source: Source
    public var addedAtMs: Int?

    public enum Role: String, Codable, Sendable, Equatable, CaseIterable {
      case owner
      case allowed
      case blocked
    }

    public enum Source: String, Codable, Sendable, Equatable, CaseIterable {
      case pairing
      case window
      case config
    }

    public init(
      channel: String,
      accountId: String,
      senderId: String,
      name: String? = nil,
      role: Role,
      source: Source,
      addedAtMs: Int? = nil
    ) {
      self.channel = channel
      self.accountId = accountId
      self.senderId = senderId
      self.name = name
      self.role = role
      self.source = source
      self.addedAtMs = addedAtMs
    }
  }

  public init(
    people: [People]
  ) {
    self.people = people
  }
}

// MARK: channels.people.set (operator.pairing)

public struct ChannelsPeopleSetParams: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String?
  public var senderId: String
  public var role: Nullable<Role>

  public enum Role: String, Codable, Sendable, Equatable, CaseIterable {
    case owner
    case allowed
    case blocked
  }

  public init(
    channel: String,
    accountId: String? = nil,
    senderId: String,
    role: Nullable<Role>
  ) {
    self.channel = channel
    self.accountId = accountId
    self.senderId = senderId
    self.role = role
  }
}

public struct ChannelsPeopleSetResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: channels.remove (operator.admin)

public struct ChannelsRemoveParams: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String?

  public init(
    channel: String,
    accountId: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
  }
}

public struct ChannelsRemoveResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: channels.save (operator.admin)

public struct ChannelsSaveParams: Codable, Sendable, Equatable {
  public var channel: String
  public var settings: [String: JSONValue]
  public var consentFile: Bool?

  public init(
    channel: String,
    settings: [String: JSONValue],
    consentFile: Bool? = nil
  ) {
    self.channel = channel
    self.settings = settings
    self.consentFile = consentFile
  }
}

public struct ChannelsSaveResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var hash: String

  public init(
    ok: Bool = true,
    hash: String
  ) {
    self.ok = ok
    self.hash = hash
  }
}

// MARK: channels.start (operator.admin)

public struct ChannelsStartParams: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String?

  public init(
    channel: String,
    accountId: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
  }
}

public struct ChannelsStartResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: channels.status (operator.read)

public struct ChannelsStatusParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var probe: Bool?
  public var timeoutMs: Int?

  public init(
    channel: String? = nil,
    probe: Bool? = nil,
    timeoutMs: Int? = nil
  ) {
    self.channel = channel
    self.probe = probe
    self.timeoutMs = timeoutMs
  }
}

public struct ChannelsStatusResult: Codable, Sendable, Equatable {
  public var ts: Int
  public var channelOrder: [String]
  public var channelLabels: [String: String]
  public var channels: [String: Channels]

  public struct Channels: Codable, Sendable, Equatable {
    public var state: State
    public var since: Int
    public var reason: String?
    public var accounts: [Accounts]

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case connecting
      case connected
      case degraded
      case disconnected
      case error
      case disabled
    }

    public struct Accounts: Codable, Sendable, Equatable {
      public var accountId: String
      public var state: State
      public var since: Int
      public var reason: String?
      public var identity: String?
      public var lastInboundAtMs: Int?
      public var lastOutboundAtMs: Int?

      public enum State: String, Codable, Sendable, Equatable, CaseIterable {
        case connecting
        case connected
        case degraded
        case disconnected
        case error
        case disabled
      }

      public init(
        accountId: String,
        state: State,
        since: Int,
        reason: String? = nil,
        identity: String? = nil,
        lastInboundAtMs: Int? = nil,
        lastOutboundAtMs: Int? = nil
      ) {
        self.accountId = accountId
        self.state = state
        self.since = since
        self.reason = reason
        self.identity = identity
        self.lastInboundAtMs = lastInboundAtMs
        self.lastOutboundAtMs = lastOutboundAtMs
      }
    }

    public init(
      state: State,
      since: Int,
      reason: String? = nil,
      accounts: [Accounts]
    ) {
      self.state = state
      self.since = since
      self.reason = reason
      self.accounts = accounts
    }
  }

  public init(
    ts: Int,
    channelOrder: [String],
    channelLabels: [String: String],
    channels: [String: Channels]
  ) {
    self.ts = ts
    self.channelOrder = channelOrder
    self.channelLabels = channelLabels
    self.channels = channels
  }
}

// MARK: channels.stop (operator.admin)

public struct ChannelsStopParams: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String?

  public init(
    channel: String,
    accountId: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
  }
}

public struct ChannelsStopResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: chat.abort (operator.write)

public struct ChatAbortParams: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var runId: String?
  public var agentId: String?
  public var preserveSideRuns: Bool?

  public init(
    sessionKey: String,
    runId: String? = nil,
    agentId: String? = nil,
    preserveSideRuns: Bool? = nil
  ) {
    self.sessionKey = sessionKey
    self.runId = runId
    self.agentId = agentId
    self.preserveSideRuns = preserveSideRuns
  }
}

public struct ChatAbortResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var aborted: Bool
  public var runIds: [String]

  public init(
    ok: Bool = true,
    aborted: Bool,
    runIds: [String]
  ) {
    self.ok = ok
    self.aborted = aborted
    self.runIds = runIds
  }
}

// MARK: chat.history (operator.read)

public struct ChatHistoryParams: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var limit: Int?
  public var before: String?
  public var agentId: String?
  public var maxChars: Int?
  public var maxBytes: Int?

  public init(
    sessionKey: String,
    limit: Int? = nil,
    before: String? = nil,
    agentId: String? = nil,
    maxChars: Int? = nil,
    maxBytes: Int? = nil
  ) {
    self.sessionKey = sessionKey
    self.limit = limit
    self.before = before
    self.agentId = agentId
    self.maxChars = maxChars
    self.maxBytes = maxBytes
  }
}

public struct ChatHistoryResult: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var sessionId: String
  public var messages: [Message]
  public var hasMore: Bool
  public var totalMessages: Int
  public var inFlightRun: InFlightRun?
  public var queuedRunIds: [String]

  public struct InFlightRun: Codable, Sendable, Equatable {
    public var runId: String
    public var seq: Int
    public var startedAtMs: Int
    public var text: String
    public var tools: [Tools]

    public struct Tools: Codable, Sendable, Equatable {
      public var toolCallId: String
      public var name: String
      public var args: JSONValue?
      public var approvalId: String?

      public init(
        toolCallId: String,
        name: String,
        args: JSONValue? = nil,
        approvalId: String? = nil
      ) {
        self.toolCallId = toolCallId
        self.name = name
        self.args = args
        self.approvalId = approvalId
      }
    }

    public init(
      runId: String,
      seq: Int,
      startedAtMs: Int,
      text: String,
      tools: [Tools]
    ) {
      self.runId = runId
      self.seq = seq
      self.startedAtMs = startedAtMs
      self.text = text
      self.tools = tools
    }
  }

  public init(
    sessionKey: String,
    sessionId: String,
    messages: [Message],
    hasMore: Bool,
    totalMessages: Int,
    inFlightRun: InFlightRun? = nil,
    queuedRunIds: [String]
  ) {
    self.sessionKey = sessionKey
    self.sessionId = sessionId
    self.messages = messages
    self.hasMore = hasMore
    self.totalMessages = totalMessages
    self.inFlightRun = inFlightRun
    self.queuedRunIds = queuedRunIds
  }
}

// MARK: chat.inject (operator.admin)

public struct ChatInjectParams: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var message: String
  public var label: String?
  public var agentId: String?

  public init(
    sessionKey: String,
    message: String,
    label: String? = nil,
    agentId: String? = nil
  ) {
    self.sessionKey = sessionKey
    self.message = message
    self.label = label
    self.agentId = agentId
  }
}

public struct ChatInjectResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var messageId: String

  public init(
    ok: Bool = true,
    messageId: String
  ) {
    self.ok = ok
    self.messageId = messageId
  }
}

// MARK: chat.send (operator.write)

public struct ChatSendParams: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var sessionId: String?
  public var message: String
  public var attachments: [Attachment]?
  public var idempotencyKey: String
  public var thinking: ThinkingLevel?
  public var timeoutMs: Int?
  public var agentId: String?
  public var deliver: Bool?

  public init(
    sessionKey: String,
    sessionId: String? = nil,
    message: String,
    attachments: [Attachment]? = nil,
    idempotencyKey: String,
    thinking: ThinkingLevel? = nil,
    timeoutMs: Int? = nil,
    agentId: String? = nil,
    deliver: Bool? = nil
  ) {
    self.sessionKey = sessionKey
    self.sessionId = sessionId
    self.message = message
    self.attachments = attachments
    self.idempotencyKey = idempotencyKey
    self.thinking = thinking
    self.timeoutMs = timeoutMs
    self.agentId = agentId
    self.deliver = deliver
  }
}

public struct ChatSendResult: Codable, Sendable, Equatable {
  public var runId: String
  public var status: Status
  public var messageId: String?
  public var summary: String?

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case started
    case in_flight
    case ok
    case error
    case aborted
  }

  public init(
    runId: String,
    status: Status,
    messageId: String? = nil,
    summary: String? = nil
  ) {
    self.runId = runId
    self.status = status
    self.messageId = messageId
    self.summary = summary
  }
}

// MARK: chat.startup (operator.read)

public struct ChatStartupParams: Codable, Sendable, Equatable {
  public var sessionKey: String?
  public var limit: Int?
  public var before: String?
  public var agentId: String?
  public var maxChars: Int?
  public var maxBytes: Int?

  public init(
    sessionKey: String? = nil,
    limit: Int? = nil,
    before: String? = nil,
    agentId: String? = nil,
    maxChars: Int? = nil,
    maxBytes: Int? = nil
  ) {
    self.sessionKey = sessionKey
    self.limit = limit
    self.before = before
    self.agentId = agentId
    self.maxChars = maxChars
    self.maxBytes = maxBytes
  }
}

public struct ChatStartupResult: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var sessionId: String
  public var messages: [Message]
  public var hasMore: Bool
  public var totalMessages: Int
  public var inFlightRun: InFlightRun?
  public var queuedRunIds: [String]

  public struct InFlightRun: Codable, Sendable, Equatable {
    public var runId: String
    public var seq: Int
    public var startedAtMs: Int
    public var text: String
    public var tools: [Tools]

    public struct Tools: Codable, Sendable, Equatable {
      public var toolCallId: String
      public var name: String
      public var args: JSONValue?
      public var approvalId: String?

      public init(
        toolCallId: String,
        name: String,
        args: JSONValue? = nil,
        approvalId: String? = nil
      ) {
        self.toolCallId = toolCallId
        self.name = name
        self.args = args
        self.approvalId = approvalId
      }
    }

    public init(
      runId: String,
      seq: Int,
      startedAtMs: Int,
      text: String,
      tools: [Tools]
    ) {
      self.runId = runId
      self.seq = seq
      self.startedAtMs = startedAtMs
      self.text = text
      self.tools = tools
    }
  }

  public init(
    sessionKey: String,
    sessionId: String,
    messages: [Message],
    hasMore: Bool,
    totalMessages: Int,
    inFlightRun: InFlightRun? = nil,
    queuedRunIds: [String]
  ) {
    self.sessionKey = sessionKey
    self.sessionId = sessionId
    self.messages = messages
    self.hasMore = hasMore
    self.totalMessages = totalMessages
    self.inFlightRun = inFlightRun
    self.queuedRunIds = queuedRunIds
  }
}

// MARK: config.get (operator.read)

public struct ConfigGetParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct ConfigGetResult: Codable, Sendable, Equatable {
  public var path: String
  public var exists: Bool
  public var hash: String
  public var config: JSONValue
  public var resolved: JSONValue
  public var valid: Bool
  public var issues: [Issues]
  public var warnings: [Warnings]

  public struct Issues: Codable, Sendable, Equatable {
    public var path: String
    public var message: String

    public init(
      path: String,
      message: String
    ) {
      self.path = path
      self.message = message
    }
  }

  public struct Warnings: Codable, Sendable, Equatable {
    public var path: String
    public var message: String

    public init(
      path: String,
      message: String
    ) {
      self.path = path
      self.message = message
    }
  }

  public init(
    path: String,
    exists: Bool,
    hash: String,
    config: JSONValue,
    resolved: JSONValue,
    valid: Bool,
    issues: [Issues],
    warnings: [Warnings]
  ) {
    self.path = path
    self.exists = exists
    self.hash = hash
    self.config = config
    self.resolved = resolved
    self.valid = valid
    self.issues = issues
    self.warnings = warnings
  }
}

// MARK: config.patch (operator.admin)

public struct ConfigPatchParams: Codable, Sendable, Equatable {
  public var raw: String
  public var baseHash: String?
  public var note: String?
  public var sessionKey: String?
  public var restartDelayMs: Int?

  public init(
    raw: String,
    baseHash: String? = nil,
    note: String? = nil,
    sessionKey: String? = nil,
    restartDelayMs: Int? = nil
  ) {
    self.raw = raw
    self.baseHash = baseHash
    self.note = note
    self.sessionKey = sessionKey
    self.restartDelayMs = restartDelayMs
  }
}

public struct ConfigPatchResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var path: String
  public var hash: String
  public var changedPaths: [String]
  public var config: JSONValue

  public init(
    ok: Bool = true,
    path: String,
    hash: String,
    changedPaths: [String],
    config: JSONValue
  ) {
    self.ok = ok
    self.path = path
    self.hash = hash
    self.changedPaths = changedPaths
    self.config = config
  }
}

// MARK: config.schema (operator.read)

public struct ConfigSchemaParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct ConfigSchemaResult: Codable, Sendable, Equatable {
  public var schema: JSONValue
  public var uiHints: JSONValue
  public var version: String
  public var generatedAt: String

  public init(
    schema: JSONValue,
    uiHints: JSONValue,
    version: String,
    generatedAt: String
  ) {
    self.schema = schema
    self.uiHints = uiHints
    self.version = version
    self.generatedAt = generatedAt
  }
}

// MARK: config.set (operator.admin)

public struct ConfigSetParams: Codable, Sendable, Equatable {
  public var raw: String
  public var baseHash: String?
  public var note: String?
  public var sessionKey: String?
  public var restartDelayMs: Int?

  public init(
    raw: String,
    baseHash: String? = nil,
    note: String? = nil,
    sessionKey: String? = nil,
    restartDelayMs: Int? = nil
  ) {
    self.raw = raw
    self.baseHash = baseHash
    self.note = note
    self.sessionKey = sessionKey
    self.restartDelayMs = restartDelayMs
  }
}

public struct ConfigSetResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var path: String
  public var hash: String
  public var changedPaths: [String]
  public var config: JSONValue

  public init(
    ok: Bool = true,
    path: String,
    hash: String,
    changedPaths: [String],
    config: JSONValue
  ) {
    self.ok = ok
    self.path = path
    self.hash = hash
    self.changedPaths = changedPaths
    self.config = config
  }
}

// MARK: device.bootstrap.create (operator.admin)

public struct DeviceBootstrapCreateParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct DeviceBootstrapCreateResult: Codable, Sendable, Equatable {
  public var code: String
  public var url: String
  public var expiresAtMs: Int

  public init(
    code: String,
    url: String,
    expiresAtMs: Int
  ) {
    self.code = code
    self.url = url
    self.expiresAtMs = expiresAtMs
  }
}

// MARK: device.pair.approve (operator.pairing)

public struct DevicePairApproveParams: Codable, Sendable, Equatable {
  public var requestId: String

  public init(
    requestId: String
  ) {
    self.requestId = requestId
  }
}

public struct DevicePairApproveResult: Codable, Sendable, Equatable {
  public var requestId: String
  public var device: PairedDevice

  public init(
    requestId: String,
    device: PairedDevice
  ) {
    self.requestId = requestId
    self.device = device
  }
}

// MARK: device.pair.list (operator.pairing)

public struct DevicePairListParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct DevicePairListResult: Codable, Sendable, Equatable {
  public var pending: [PendingDevice]
  public var paired: [PairedDevice]

  public init(
    pending: [PendingDevice],
    paired: [PairedDevice]
  ) {
    self.pending = pending
    self.paired = paired
  }
}

// MARK: device.pair.reject (operator.pairing)

public struct DevicePairRejectParams: Codable, Sendable, Equatable {
  public var requestId: String

  public init(
    requestId: String
  ) {
    self.requestId = requestId
  }
}

public struct DevicePairRejectResult: Codable, Sendable, Equatable {
  public var requestId: String
  public var deviceId: String

  public init(
    requestId: String,
    deviceId: String
  ) {
    self.requestId = requestId
    self.deviceId = deviceId
  }
}

// MARK: device.pair.remove (operator.pairing)

public struct DevicePairRemoveParams: Codable, Sendable, Equatable {
  public var deviceId: String

  public init(
    deviceId: String
  ) {
    self.deviceId = deviceId
  }
}

public struct DevicePairRemoveResult: Codable, Sendable, Equatable {
  public var deviceId: String

  public init(
    deviceId: String
  ) {
    self.deviceId = deviceId
  }
}

// MARK: device.token.revoke (operator.pairing)

public struct DeviceTokenRevokeParams: Codable, Sendable, Equatable {
  public var deviceId: String
  public var role: String

  public init(
    deviceId: String,
    role: String
  ) {
    self.deviceId = deviceId
    self.role = role
  }
}

public struct DeviceTokenRevokeResult: Codable, Sendable, Equatable {
  public var deviceId: String
  public var role: String
  public var revokedAtMs: Int

  public init(
    deviceId: String,
    role: String,
    revokedAtMs: Int
  ) {
    self.deviceId = deviceId
    self.role = role
    self.revokedAtMs = revokedAtMs
  }
}

// MARK: device.token.rotate (operator.pairing)

public struct DeviceTokenRotateParams: Codable, Sendable, Equatable {
  public var deviceId: String
  public var role: String
  public var scopes: [String]?

  public init(
    deviceId: String,
    role: String,
    scopes: [String]? = nil
  ) {
    self.deviceId = deviceId
    self.role = role
    self.scopes = scopes
  }
}

public struct DeviceTokenRotateResult: Codable, Sendable, Equatable {
  public var deviceId: String
  public var role: String
  public var scopes: [String]
  public var rotatedAtMs: Int
  public var token: String?
  public var tokenDelivery: TokenDelivery

  public enum TokenDelivery: String, Codable, Sendable, Equatable, CaseIterable {
    case inBand = "in-band"
    case withheldCrossDevice = "withheld-cross-device"
  }

  public init(
    deviceId: String,
    role: String,
    scopes: [String],
    rotatedAtMs: Int,
    token: String? = nil,
    tokenDelivery: TokenDelivery
  ) {
    self.deviceId = deviceId
    self.role = role
    self.scopes = scopes
    self.rotatedAtMs = rotatedAtMs
    self.token = token
    self.tokenDelivery = tokenDelivery
  }
}

// MARK: exec.approval.couldNotShow (operator.approvals)

public struct ExecApprovalCouldNotShowParams: Codable, Sendable, Equatable {
  public var id: String
  public var reason: String

  public init(
    id: String,
    reason: String
  ) {
    self.id = id
    self.reason = reason
  }
}

public struct ExecApprovalCouldNotShowResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: exec.approval.get (operator.approvals)

public struct ExecApprovalGetParams: Codable, Sendable, Equatable {
  public var id: String

  public init(
    id: String
  ) {
    self.id = id
  }
}

public struct ExecApprovalGetResult: Codable, Sendable, Equatable {
  public var approval: Approval

  public init(
    approval: Approval
  ) {
    self.approval = approval
  }
}

// MARK: exec.approval.grants.list (operator.approvals)

public struct ExecApprovalGrantsListParams: Codable, Sendable, Equatable {
  public var includeRevoked: Bool?

  public init(
    includeRevoked: Bool? = nil
  ) {
    self.includeRevoked = includeRevoked
  }
}

public struct ExecApprovalGrantsListResult: Codable, Sendable, Equatable {
  public var grants: [Grant]

  public init(
    grants: [Grant]
  ) {
    self.grants = grants
  }
}

// MARK: exec.approval.grants.revoke (operator.approvals)

public struct ExecApprovalGrantsRevokeParams: Codable, Sendable, Equatable {
  public var grantId: String

  public init(
    grantId: String
  ) {
    self.grantId = grantId
  }
}

public struct ExecApprovalGrantsRevokeResult: Codable, Sendable, Equatable {
  public var outcome: Outcome

  public enum Outcome: String, Codable, Sendable, Equatable, CaseIterable {
    case revoked
    case alreadyRevoked = "already-revoked"
    case notFound = "not-found"
  }

  public init(
    outcome: Outcome
  ) {
    self.outcome = outcome
  }
}

// MARK: exec.approval.grants.simulate (operator.approvals)

public struct ExecApprovalGrantsSimulateParams: Codable, Sendable, Equatable {
  public var rule: GrantRule

  public init(
    rule: GrantRule
  ) {
    self.rule = rule
  }
}

public struct ExecApprovalGrantsSimulateResult: Codable, Sendable, Equatable {
  public var sentence: String
  public var looked: Int
  public var matched: [Matched]

  public struct Matched: Codable, Sendable, Equatable {
    public var id: String
    public var summary: String
    public var createdAtMs: Int

    public init(
      id: String,
      summary: String,
      createdAtMs: Int
    ) {
      self.id = id
      self.summary = summary
      self.createdAtMs = createdAtMs
    }
  }

  public init(
    sentence: String,
    looked: Int,
    matched: [Matched]
  ) {
    self.sentence = sentence
    self.looked = looked
    self.matched = matched
  }
}

// MARK: exec.approval.list (operator.approvals)

public struct ExecApprovalListParams: Codable, Sendable, Equatable {
  public init() {}
}

public typealias ExecApprovalListResult = [Approval]

// MARK: exec.approval.resolve (operator.approvals)

public struct ExecApprovalResolveParams: Codable, Sendable, Equatable {
  public var id: String
  public var decision: ApprovalDecision
  public var rule: GrantRule?

  public init(
    id: String,
    decision: ApprovalDecision,
    rule: GrantRule? = nil
  ) {
    self.id = id
    self.decision = decision
    self.rule = rule
  }
}

public struct ExecApprovalResolveResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var grantId: String?

  public init(
    ok: Bool = true,
    grantId: String? = nil
  ) {
    self.ok = ok
    self.grantId = grantId
  }
}

// MARK: health (none)

public struct HealthParams: Codable, Sendable, Equatable {
  public var probe: Bool?

  public init(
    probe: Bool? = nil
  ) {
    self.probe = probe
  }
}

public typealias HealthResult = HealthSummary

// MARK: logs.tail (operator.read)

public struct LogsTailParams: Codable, Sendable, Equatable {
  public var cursor: Int?
  public var limit: Int?
  public var maxBytes: Int?

  public init(
    cursor: Int? = nil,
    limit: Int? = nil,
    maxBytes: Int? = nil
  ) {
    self.cursor = cursor
    self.limit = limit
    self.maxBytes = maxBytes
  }
}

public struct LogsTailResult: Codable, Sendable, Equatable {
  public var file: String
  public var cursor: Int
  public var size: Int
  public var lines: [String]
  public var truncated: Bool?
  public var reset: Bool?

  public init(
    file: String,
    cursor: Int,
    size: Int,
    lines: [String],
    truncated: Bool? = nil,
    reset: Bool? = nil
  ) {
    self.file = file
    self.cursor = cursor
    self.size = size
    self.lines = lines
    self.truncated = truncated
    self.reset = reset
  }
}

// MARK: models.authStatus (operator.read)

public struct ModelsAuthStatusParams: Codable, Sendable, Equatable {
  public var refresh: Bool?

  public init(
    refresh: Bool? = nil
  ) {
    self.refresh = refresh
  }
}

public struct ModelsAuthStatusResult: Codable, Sendable, Equatable {
  public var ts: Int
  public var providers: [ProviderStatus]
  public var offers: [ProviderOffer]
  public var secrets: Secrets

  public struct Secrets: Codable, Sendable, Equatable {
    public var backend: String
    public var canStore: Bool
    public var message: String?

    public init(
      backend: String,
      canStore: Bool,
      message: String? = nil
    ) {
      self.backend = backend
      self.canStore = canStore
      self.message = message
    }
  }

  public init(
    ts: Int,
    providers: [ProviderStatus],
    offers: [ProviderOffer],
    secrets: Secrets
  ) {
    self.ts = ts
    self.providers = providers
    self.offers = offers
    self.secrets = secrets
  }
}

// MARK: models.list (operator.read)

public struct ModelsListParams: Codable, Sendable, Equatable {
  public var agentId: String?
  public var refresh: Bool?
  public var view: String?
  public var provider: String?
  public var includeDetails: Bool?

  public init(
    agentId: String? = nil,
    refresh: Bool? = nil,
    view: String? = nil,
    provider: String? = nil,
    includeDetails: Bool? = nil
  ) {
    self.agentId = agentId
    self.refresh = refresh
    self.view = view
    self.provider = provider
    self.includeDetails = includeDetails
  }
}

public struct ModelsListResult: Codable, Sendable, Equatable {
  public var models: [ModelRow]

  public init(
    models: [ModelRow]
  ) {
    self.models = models
  }
}

// MARK: models.offer.accept (operator.admin)

public struct ModelsOfferAcceptParams: Codable, Sendable, Equatable {
  public var id: String
  public var model: String?
  public var consentFile: Bool?

  public init(
    id: String,
    model: String? = nil,
    consentFile: Bool? = nil
  ) {
    self.id = id
    self.model = model
    self.consentFile = consentFile
  }
}

public struct ModelsOfferAcceptResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var provider: String
  public var hash: String

  public init(
    ok: Bool = true,
    provider: String,
    hash: String
  ) {
    self.ok = ok
    self.provider = provider
    self.hash = hash
  }
}

// MARK: models.probe (operator.admin)

public struct ModelsProbeParams: Codable, Sendable, Equatable {
  public var provider: String
  public var kind: String?
  public var apiKey: String?
  public var baseUrl: String?
  public var model: String?
  public var timeoutMs: Int?

  public init(
    provider: String,
    kind: String? = nil,
    apiKey: String? = nil,
    baseUrl: String? = nil,
    model: String? = nil,
    timeoutMs: Int? = nil
  ) {
    self.provider = provider
    self.kind = kind
    self.apiKey = apiKey
    self.baseUrl = baseUrl
    self.model = model
    self.timeoutMs = timeoutMs
  }
}

public struct ModelsProbeResult: Codable, Sendable, Equatable {
  public var provider: String
  public var status: Status
  public var latencyMs: Int?
  public var error: String?
  public var models: [String]

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case ok
    case auth
    case rate_limit
    case billing
    case timeout
    case format
    case unknown
    case no_model
  }

  public init(
    provider: String,
    status: Status,
    latencyMs: Int? = nil,
    error: String? = nil,
    models: [String]
  ) {
    self.provider = provider
    self.status = status
    self.latencyMs = latencyMs
    self.error = error
    self.models = models
  }
}

// MARK: models.provider.remove (operator.admin)

public struct ModelsProviderRemoveParams: Codable, Sendable, Equatable {
  public var provider: String

  public init(
    provider: String
  ) {
    self.provider = provider
  }
}

public struct ModelsProviderRemoveResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var hash: String

  public init(
    ok: Bool = true,
    hash: String
  ) {
    self.ok = ok
    self.hash = hash
  }
}

// MARK: models.provider.save (operator.admin)

public struct ModelsProviderSaveParams: Codable, Sendable, Equatable {
  public var provider: String
  public var kind: Kind
  public var apiKey: String?
  public var baseUrl: String?
  public var model: String?
  public var consentFile: Bool?

  public enum Kind: String, Codable, Sendable, Equatable, CaseIterable {
    case anthropic
    case openai
  }

  public init(
    provider: String,
    kind: Kind,
    apiKey: String? = nil,
    baseUrl: String? = nil,
    model: String? = nil,
    consentFile: Bool? = nil
  ) {
    self.provider = provider
    self.kind = kind
    self.apiKey = apiKey
    self.baseUrl = baseUrl
    self.model = model
    self.consentFile = consentFile
  }
}

public struct ModelsProviderSaveResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var hash: String
  public var keySource: String

  public init(
    ok: Bool = true,
    hash: String,
    keySource: String
  ) {
    self.ok = ok
    self.hash = hash
    self.keySource = keySource
  }
}

// MARK: outbox.cancel (operator.write)

public struct OutboxCancelParams: Codable, Sendable, Equatable {
  public var id: String

  public init(
    id: String
  ) {
    self.id = id
  }
}

public struct OutboxCancelResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: outbox.list (operator.read)

public struct OutboxListParams: Codable, Sendable, Equatable {
  public var state: State?
  public var channel: String?
  public var limit: Int?

  public enum State: String, Codable, Sendable, Equatable, CaseIterable {
    case queued
    case sending
    case sent
    case failed
    case cancelled
    case expired
    case mayHaveBeenSent = "may-have-been-sent"
  }

  public init(
    state: State? = nil,
    channel: String? = nil,
    limit: Int? = nil
  ) {
    self.state = state
    self.channel = channel
    self.limit = limit
  }
}

public struct OutboxListResult: Codable, Sendable, Equatable {
  public var items: [Items]

  public struct Items: Codable, Sendable, Equatable {
    public var id: String
    public var channel: String
    public var accountId: String
    public var to: String
    public var toName: String?
    public var state: State
    public var text: String
    public var attempts: Int
    public var error: String?
    public var createdAtMs: Int
    public var nextAttemptAtMs: Int?
    public var sentAtMs: Int?
    public var sessionKey: String?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case queued
      case sending
      case sent
      case failed
      case cancelled
      case expired
      case mayHaveBeenSent = "may-have-been-sent"
    }

    public init(
      id: String,
      channel: String,
      accountId: String,
      to: String,
      toName: String? = nil,
      state: State,
      text: String,
      attempts: Int,
      error: String? = nil,
      createdAtMs: Int,
      nextAttemptAtMs: Int? = nil,
      sentAtMs: Int? = nil,
      sessionKey: String? = nil
    ) {
      self.id = id
      self.channel = channel
      self.accountId = accountId
      self.to = to
      self.toName = toName
      self.state = state
      self.text = text
      self.attempts = attempts
      self.error = error
      self.createdAtMs = createdAtMs
      self.nextAttemptAtMs = nextAttemptAtMs
      self.sentAtMs = sentAtMs
      self.sessionKey = sessionKey
    }
  }

  public init(
    items: [Items]
  ) {
    self.items = items
  }
}

// MARK: outbox.retry (operator.write)

public struct OutboxRetryParams: Codable, Sendable, Equatable {
  public var id: String

  public init(
    id: String
  ) {
    self.id = id
  }
}

public struct OutboxRetryResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: sandbox.status (operator.read)

public struct SandboxStatusParams: Codable, Sendable, Equatable {
  public init() {}
}

public typealias SandboxStatusResult = SandboxState

// MARK: send (operator.write)

public struct SendParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?
  public var to: String
  public var text: String?
  public var message: String?
  public var media: Attachment?
  public var threadId: String?
  public var replyToId: String?
  public var sessionKey: String?
  public var idempotencyKey: String
  public var wait: Bool?

  public init(
    channel: String? = nil,
    accountId: String? = nil,
    to: String,
    text: String? = nil,
    message: String? = nil,
    media: Attachment? = nil,
    threadId: String? = nil,
    replyToId: String? = nil,
    sessionKey: String? = nil,
    idempotencyKey: String,
    wait: Bool? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.to = to
    self.text = text
    self.message = message
    self.media = media
    self.threadId = threadId
    self.replyToId = replyToId
    self.sessionKey = sessionKey
    self.idempotencyKey = idempotencyKey
    self.wait = wait
  }
}

public struct SendResult: Codable, Sendable, Equatable {
  public var id: String
  public var status: Status

  public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
    case queued
    case sending
    case sent
    case failed
    case cancelled
    case expired
    case mayHaveBeenSent = "may-have-been-sent"
  }

  public init(
    id: String,
    status: Status
  ) {
    self.id = id
    self.status = status
  }
}

// MARK: sessions.create (operator.write)

public struct SessionsCreateParams: Codable, Sendable, Equatable {
  public var key: String?
  public var agentId: String?
  public var label: String?
  public var model: String?
  public var parentSessionKey: String?
  public var succeedsParent: Bool?
  public var emitCommandHooks: Bool?

  public init(
    key: String? = nil,
    agentId: String? = nil,
    label: String? = nil,
    model: String? = nil,
    parentSessionKey: String? = nil,
    succeedsParent: Bool? = nil,
    emitCommandHooks: Bool? = nil
  ) {
    self.key = key
    self.agentId = agentId
    self.label = label
    self.model = model
    self.parentSessionKey = parentSessionKey
    self.succeedsParent = succeedsParent
    self.emitCommandHooks = emitCommandHooks
  }
}

public struct SessionsCreateResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var sessionId: String
  public var entry: SessionRow

  public init(
    ok: Bool = true,
    key: String,
    sessionId: String,
    entry: SessionRow
  ) {
    self.ok = ok
    self.key = key
    self.sessionId = sessionId
    self.entry = entry
  }
}

// MARK: sessions.delete (operator.write)

public struct SessionsDeleteParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?
  public var deleteTranscript: Bool?

  public init(
    key: String,
    agentId: String? = nil,
    deleteTranscript: Bool? = nil
  ) {
    self.key = key
    self.agentId = agentId
    self.deleteTranscript = deleteTranscript
  }
}

public struct SessionsDeleteResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var deleted: Bool

  public init(
    ok: Bool = true,
    key: String,
    deleted: Bool
  ) {
    self.ok = ok
    self.key = key
    self.deleted = deleted
  }
}

// MARK: sessions.describe (operator.read)

public struct SessionsDescribeParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?
  public var includeDerivedTitles: Bool?
  public var includeLastMessage: Bool?

  public init(
    key: String,
    agentId: String? = nil,
    includeDerivedTitles: Bool? = nil,
    includeLastMessage: Bool? = nil
  ) {
    self.key = key
    self.agentId = agentId
    self.includeDerivedTitles = includeDerivedTitles
    self.includeLastMessage = includeLastMessage
  }
}

public struct SessionsDescribeResult: Codable, Sendable, Equatable {
  public var session: Nullable<SessionRow>
  public var usage: Usage?

  public init(
    session: Nullable<SessionRow>,
    usage: Usage? = nil
  ) {
    self.session = session
    self.usage = usage
  }
}

// MARK: sessions.elevate (operator.admin)

public struct SessionsElevateParams: Codable, Sendable, Equatable {
  public var key: String
  public var elevated: Bool

  public init(
    key: String,
    elevated: Bool
  ) {
    self.key = key
    self.elevated = elevated
  }
}

public struct SessionsElevateResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var elevated: Bool

  public init(
    ok: Bool = true,
    key: String,
    elevated: Bool
  ) {
    self.ok = ok
    self.key = key
    self.elevated = elevated
  }
}

// MARK: sessions.export (operator.read)

public struct SessionsExportParams: Codable, Sendable, Equatable {
  public var key: String
  public var format: Format?

  public enum Format: String, Codable, Sendable, Equatable, CaseIterable {
    case markdown
    case json
    case jsonl
  }

  public init(
    key: String,
    format: Format? = nil
  ) {
    self.key = key
    self.format = format
  }
}

public struct SessionsExportResult: Codable, Sendable, Equatable {
  public var fileName: String
  public var mimeType: String
  public var content: String

  public init(
    fileName: String,
    mimeType: String,
    content: String
  ) {
    self.fileName = fileName
    self.mimeType = mimeType
    self.content = content
  }
}

// MARK: sessions.list (operator.read)

public struct SessionsListParams: Codable, Sendable, Equatable {
  public var limit: Int?
  public var offset: Int?
  public var search: String?
  public var agentId: String?
  public var activeMinutes: Int?
  public var includeGlobal: Bool?
  public var includeUnknown: Bool?
  public var includeDerivedTitles: Bool?
  public var includeLastMessage: Bool?
  public var label: String?

  public init(
    limit: Int? = nil,
    offset: Int? = nil,
    search: String? = nil,
    agentId: String? = nil,
    activeMinutes: Int? = nil,
    includeGlobal: Bool? = nil,
    includeUnknown: Bool? = nil,
    includeDerivedTitles: Bool? = nil,
    includeLastMessage: Bool? = nil,
    label: String? = nil
  ) {
    self.limit = limit
    self.offset = offset
    self.search = search
    self.agentId = agentId
    self.activeMinutes = activeMinutes
    self.includeGlobal = includeGlobal
    self.includeUnknown = includeUnknown
    self.includeDerivedTitles = includeDerivedTitles
    self.includeLastMessage = includeLastMessage
    self.label = label
  }
}

public struct SessionsListResult: Codable, Sendable, Equatable {
  public var ts: Int
  public var path: String
  public var count: Int
  public var totalCount: Int
  public var hasMore: Bool
  public var defaults: Defaults
  public var sessions: [SessionRow]

  public struct Defaults: Codable, Sendable, Equatable {
    public var model: String
    public var contextTokens: Int

    public init(
      model: String,
      contextTokens: Int
    ) {
      self.model = model
      self.contextTokens = contextTokens
    }
  }

  public init(
    ts: Int,
    path: String,
    count: Int,
    totalCount: Int,
    hasMore: Bool,
    defaults: Defaults,
    sessions: [SessionRow]
  ) {
    self.ts = ts
    self.path = path
    self.count = count
    self.totalCount = totalCount
    self.hasMore = hasMore
    self.defaults = defaults
    self.sessions = sessions
  }
}

// MARK: sessions.messages.subscribe (operator.read)

public struct SessionsMessagesSubscribeParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?

  public init(
    key: String,
    agentId: String? = nil
  ) {
    self.key = key
    self.agentId = agentId
  }
}

public struct SessionsMessagesSubscribeResult: Codable, Sendable, Equatable {
  public var subscribed: Bool
  public var key: String

  public init(
    subscribed: Bool = true,
    key: String
  ) {
    self.subscribed = subscribed
    self.key = key
  }
}

// MARK: sessions.messages.unsubscribe (operator.read)

public struct SessionsMessagesUnsubscribeParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?

  public init(
    key: String,
    agentId: String? = nil
  ) {
    self.key = key
    self.agentId = agentId
  }
}

public struct SessionsMessagesUnsubscribeResult: Codable, Sendable, Equatable {
  public var subscribed: Bool
  public var key: String

  public init(
    subscribed: Bool = false,
    key: String
  ) {
    self.subscribed = subscribed
    self.key = key
  }
}

// MARK: sessions.patch (operator.write)

public struct SessionsPatchParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?
  public var label: Nullable<String>?
  public var pinned: Bool?
  public var model: Nullable<String>?
  public var thinkingLevel: Nullable<String>?

  public init(
    key: String,
    agentId: String? = nil,
    label: Nullable<String>? = nil,
    pinned: Bool? = nil,
    model: Nullable<String>? = nil,
    thinkingLevel: Nullable<String>? = nil
  ) {
    self.key = key
    self.agentId = agentId
    self.label = label
    self.pinned = pinned
    self.model = model
    self.thinkingLevel = thinkingLevel
  }
}

public struct SessionsPatchResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var entry: SessionRow

  public init(
    ok: Bool = true,
    key: String,
    entry: SessionRow
  ) {
    self.ok = ok
    self.key = key
    self.entry = entry
  }
}

// MARK: sessions.preview (operator.read)

public struct SessionsPreviewParams: Codable, Sendable, Equatable {
  public var keys: [String]
  public var limit: Int?
  public var maxChars: Int?

  public init(
    keys: [String],
    limit: Int? = nil,
    maxChars: Int? = nil
  ) {
    self.keys = keys
    self.limit = limit
    self.maxChars = maxChars
  }
}

public struct SessionsPreviewResult: Codable, Sendable, Equatable {
  public var ts: Int
  public var previews: [Previews]

  public struct Previews: Codable, Sendable, Equatable {
    public var key: String
    public var status: Status
    public var items: [Items]

    public enum Status: String, Codable, Sendable, Equatable, CaseIterable {
      case ok
      case empty
      case missing
    }

    public struct Items: Codable, Sendable, Equatable {
      public var role: String
      public var text: String

      public init(
        role: String,
        text: String
      ) {
        self.role = role
        self.text = text
      }
    }

    public init(
      key: String,
      status: Status,
      items: [Items]
    ) {
      self.key = key
      self.status = status
      self.items = items
    }
  }

  public init(
    ts: Int,
    previews: [Previews]
  ) {
    self.ts = ts
    self.previews = previews
  }
}

// MARK: sessions.reset (operator.write)

public struct SessionsResetParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?
  public var reason: Reason?

  public enum Reason: String, Codable, Sendable, Equatable, CaseIterable {
    case new
    case reset
  }

  public init(
    key: String,
    agentId: String? = nil,
    reason: Reason? = nil
  ) {
    self.key = key
    self.agentId = agentId
    self.reason = reason
  }
}

public struct SessionsResetResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var entry: SessionRow

  public init(
    ok: Bool = true,
    key: String,
    entry: SessionRow
  ) {
    self.ok = ok
    self.key = key
    self.entry = entry
  }
}

// MARK: sessions.restore (operator.write)

public struct SessionsRestoreParams: Codable, Sendable, Equatable {
  public var key: String
  public var agentId: String?

  public init(
    key: String,
    agentId: String? = nil
  ) {
    self.key = key
    self.agentId = agentId
  }
}

public struct SessionsRestoreResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var key: String
  public var restored: Bool

  public init(
    ok: Bool = true,
    key: String,
    restored: Bool
  ) {
    self.ok = ok
    self.key = key
    self.restored = restored
  }
}

// MARK: sessions.rewind (operator.write)

public struct SessionsRewindParams: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var entryId: String
  public var agentId: String?

  public init(
    sessionKey: String,
    entryId: String,
    agentId: String? = nil
  ) {
    self.sessionKey = sessionKey
    self.entryId = entryId
    self.agentId = agentId
  }
}

public struct SessionsRewindResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var removed: Int
  public var editorText: String?

  public init(
    ok: Bool = true,
    removed: Int,
    editorText: String? = nil
  ) {
    self.ok = ok
    self.removed = removed
    self.editorText = editorText
  }
}

// MARK: sessions.say (operator.write)

public struct SessionsSayParams: Codable, Sendable, Equatable {
  public var key: String
  public var text: String
  public var idempotencyKey: String

  public init(
    key: String,
    text: String,
    idempotencyKey: String
  ) {
    self.key = key
    self.text = text
    self.idempotencyKey = idempotencyKey
  }
}

public struct SessionsSayResult: Codable, Sendable, Equatable {
  public var id: String
  public var messageId: String

  public init(
    id: String,
    messageId: String
  ) {
    self.id = id
    self.messageId = messageId
  }
}

// MARK: sessions.search (operator.read)

public struct SessionsSearchParams: Codable, Sendable, Equatable {
  public var query: String
  public var sessionKeys: [String]?
  public var agentId: String?
  public var limit: Int?

  public init(
    query: String,
    sessionKeys: [String]? = nil,
    agentId: String? = nil,
    limit: Int? = nil
  ) {
    self.query = query
    self.sessionKeys = sessionKeys
    self.agentId = agentId
    self.limit = limit
  }
}

public struct SessionsSearchResult: Codable, Sendable, Equatable {
  public var results: [Results]
  public var truncated: Bool?

  public struct Results: Codable, Sendable, Equatable {
    public var sessionKey: String
    public var sessionId: String
    public var messageId: String
    public var role: String
    public var timestamp: Int
    public var snippet: String
    public var score: Double

    public init(
      sessionKey: String,
      sessionId: String,
      messageId: String,
      role: String,
      timestamp: Int,
      snippet: String,
      score: Double
    ) {
      self.sessionKey = sessionKey
      self.sessionId = sessionId
      self.messageId = messageId
      self.role = role
      self.timestamp = timestamp
      self.snippet = snippet
      self.score = score
    }
  }

  public init(
    results: [Results],
    truncated: Bool? = nil
  ) {
    self.results = results
    self.truncated = truncated
  }
}

// MARK: sessions.subscribe (operator.read)

public struct SessionsSubscribeParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct SessionsSubscribeResult: Codable, Sendable, Equatable {
  public var subscribed: Bool

  public init(
    subscribed: Bool = true
  ) {
    self.subscribed = subscribed
  }
}

// MARK: sessions.takeOver (operator.write)

public struct SessionsTakeOverParams: Codable, Sendable, Equatable {
  public var key: String
  public var taken: Bool

  public init(
    key: String,
    taken: Bool
  ) {
    self.key = key
    self.taken = taken
  }
}

public struct SessionsTakeOverResult: Codable, Sendable, Equatable {
  public var ok: Bool

  public init(
    ok: Bool = true
  ) {
    self.ok = ok
  }
}

// MARK: status (operator.read)

public struct StatusParams: Codable, Sendable, Equatable {
  public var includeChannelSummary: Bool?
  public var includeCliProjection: Bool?

  public init(
    includeChannelSummary: Bool? = nil,
    includeCliProjection: Bool? = nil
  ) {
    self.includeChannelSummary = includeChannelSummary
    self.includeCliProjection = includeCliProjection
  }
}

public struct StatusResult: Codable, Sendable, Equatable {
  public var runtimeVersion: String
  public var version: String
  public var pid: Int
  public var uptimeMs: Int
  public var stateDir: String
  public var url: String
  public var model: Model
  public var secretsBackend: String
  public var connections: Int
  public var runs: Runs
  public var sessions: Sessions
  public var heartbeat: Heartbeat
  public var channelSummary: [String]
  public var queuedSystemEvents: [String]
  public var degradedSecretOwners: [JSONValue]
  public var degradedPlugins: [JSONValue]
  public var cliProjection: CliProjection?
  public var tasks: JSONValue
  public var taskAudit: JSONValue
  public var processMemory: ProcessMemory
  public var eventLoop: EventLoop
  public var problems: [String]

  public struct Model: Codable, Sendable, Equatable {
    public var ref: String
    public var provider: String
    public var isDemo: Bool

    public init(
      ref: String,
      provider: String,
      isDemo: Bool
    ) {
      self.ref = ref
      self.provider = provider
      self.isDemo = isDemo
    }
  }

  public struct Runs: Codable, Sendable, Equatable {
    public var active: Int
    public var queued: Int

    public init(
      active: Int,
      queued: Int
    ) {
      self.active = active
      self.queued = queued
    }
  }

  public struct Sessions: Codable, Sendable, Equatable {
    public var count: Int
    public var paths: [String]
    public var defaults: Defaults
    public var recent: [Recent]
    public var byAgent: [ByAgent]

    public struct Defaults: Codable, Sendable, Equatable {
      public var model: String
      public var contextTokens: Int

      public init(
        model: String,
        contextTokens: Int
      ) {
        self.model = model
        self.contextTokens = contextTokens
      }
    }

    public struct Recent: Codable, Sendable, Equatable {
      public var key: String
      public var agentId: String
      public var sessionId: String
      public var kind: String
      public var updatedAt: Int
      public var age: Int
      public var model: String
      public var contextTokens: Int

      public init(
        key: String,
        agentId: String,
        sessionId: String,
        kind: String,
        updatedAt: Int,
        age: Int,
        model: String,
        contextTokens: Int
      ) {
        self.key = key
        self.agentId = agentId
        self.sessionId = sessionId
        self.kind = kind
        self.updatedAt = updatedAt
        self.age = age
        self.model = model
        self.contextTokens = contextTokens
      }
    }

    public struct ByAgent: Codable, Sendable, Equatable {
      public var agentId: String
      public var path: String
      public var count: Int
      public var recent: [Recent]

      public struct Recent: Codable, Sendable, Equatable {
        public var key: String
        public var agentId: String
        public var sessionId: String
        public var kind: String
        public var updatedAt: Int
        public var age: Int
        public var model: String
        public var contextTokens: Int

        public init(
          key: String,
          agentId: String,
          sessionId: String,
          kind: String,
          updatedAt: Int,
          age: Int,
          model: String,
          contextTokens: Int
        ) {
          self.key = key
          self.agentId = agentId
          self.sessionId = sessionId
          self.kind = kind
          self.updatedAt = updatedAt
          self.age = age
          self.model = model
          self.contextTokens = contextTokens
        }
      }

      public init(
        agentId: String,
        path: String,
        count: Int,
        recent: [Recent]
      ) {
        self.agentId = agentId
        self.path = path
        self.count = count
        self.recent = recent
      }
    }

    public init(
      count: Int,
      paths: [String],
      defaults: Defaults,
      recent: [Recent],
      byAgent: [ByAgent]
    ) {
      self.count = count
      self.paths = paths
      self.defaults = defaults
      self.recent = recent
      self.byAgent = byAgent
    }
  }

  public struct Heartbeat: Codable, Sendable, Equatable {
    public var defaultAgentId: String
    public var agents: [Agents]

    public struct Agents: Codable, Sendable, Equatable {
      public var agentId: String
      public var enabled: Bool
      public var every: String
      public var everyMs: JSONValue

      public init(
        agentId: String,
        enabled: Bool,
        every: String,
        everyMs: JSONValue
      ) {
        self.agentId = agentId
        self.enabled = enabled
        self.every = every
        self.everyMs = everyMs
      }
    }

    public init(
      defaultAgentId: String,
      agents: [Agents]
    ) {
      self.defaultAgentId = defaultAgentId
      self.agents = agents
    }
  }

  public struct CliProjection: Codable, Sendable, Equatable {
    public var agents: Agents
    public var updateChannel: JSONValue
    public var memoryPlugin: MemoryPlugin

    public struct Agents: Codable, Sendable, Equatable {
      public var defaultId: String
      public var ownership: Ownership
      public var selectionRequired: Bool
      public var rows: [Rows]

      public enum Ownership: String, Codable, Sendable, Equatable, CaseIterable {
        case sole
        case explicit
      }

      public struct Rows: Codable, Sendable, Equatable {
        public var id: String
        public var name: String

        public init(
          id: String,
          name: String
        ) {
          self.id = id
          self.name = name
        }
      }

      public init(
        defaultId: String,
        ownership: Ownership,
        selectionRequired: Bool,
        rows: [Rows]
      ) {
        self.defaultId = defaultId
        self.ownership = ownership
        self.selectionRequired = selectionRequired
        self.rows = rows
      }
    }

    public struct MemoryPlugin: Codable, Sendable, Equatable {
      public var enabled: Bool
      public var slot: JSONValue

      public init(
        enabled: Bool,
        slot: JSONValue
      ) {
        self.enabled = enabled
        self.slot = slot
      }
    }

    public init(
      agents: Agents,
      updateChannel: JSONValue,
      memoryPlugin: MemoryPlugin
    ) {
      self.agents = agents
      self.updateChannel = updateChannel
      self.memoryPlugin = memoryPlugin
    }
  }

  public struct ProcessMemory: Codable, Sendable, Equatable {
    public var rssBytes: Int
    public var heapUsedBytes: Int

    public init(
      rssBytes: Int,
      heapUsedBytes: Int
    ) {
      self.rssBytes = rssBytes
      self.heapUsedBytes = heapUsedBytes
    }
  }

  public struct EventLoop: Codable, Sendable, Equatable {
    public var degraded: Bool
    public var reasons: [String]
    public var delayP50Ms: Double
    public var delayP99Ms: Double
    public var delayMaxMs: Double
    public var utilization: Double
    public var cpuCoreRatio: Double

    public init(
      degraded: Bool,
      reasons: [String],
      delayP50Ms: Double,
      delayP99Ms: Double,
      delayMaxMs: Double,
      utilization: Double,
      cpuCoreRatio: Double
    ) {
      self.degraded = degraded
      self.reasons = reasons
      self.delayP50Ms = delayP50Ms
      self.delayP99Ms = delayP99Ms
      self.delayMaxMs = delayMaxMs
      self.utilization = utilization
      self.cpuCoreRatio = cpuCoreRatio
    }
  }

  public init(
    runtimeVersion: String,
    version: String,
    pid: Int,
    uptimeMs: Int,
    stateDir: String,
    url: String,
    model: Model,
    secretsBackend: String,
    connections: Int,
    runs: Runs,
    sessions: Sessions,
    heartbeat: Heartbeat,
    channelSummary: [String],
    queuedSystemEvents: [String],
    degradedSecretOwners: [JSONValue],
    degradedPlugins: [JSONValue],
    cliProjection: CliProjection? = nil,
    tasks: JSONValue,
    taskAudit: JSONValue,
    processMemory: ProcessMemory,
    eventLoop: EventLoop,
    problems: [String]
  ) {
    self.runtimeVersion = runtimeVersion
    self.version = version
    self.pid = pid
    self.uptimeMs = uptimeMs
    self.stateDir = stateDir
    self.url = url
    self.model = model
    self.secretsBackend = secretsBackend
    self.connections = connections
    self.runs = runs
    self.sessions = sessions
    self.heartbeat = heartbeat
    self.channelSummary = channelSummary
    self.queuedSystemEvents = queuedSystemEvents
    self.degradedSecretOwners = degradedSecretOwners
    self.degradedPlugins = degradedPlugins
    self.cliProjection = cliProjection
    self.tasks = tasks
    self.taskAudit = taskAudit
    self.processMemory = processMemory
    self.eventLoop = eventLoop
    self.problems = problems
  }
}

// MARK: system-presence (operator.read)

public struct SystemPresenceParams: Codable, Sendable, Equatable {
  public init() {}
}

public typealias SystemPresenceResult = [PresenceEntry]

// MARK: tools.catalog (operator.read)

public struct ToolsCatalogParams: Codable, Sendable, Equatable {
  public var agentId: String?
  public var includePlugins: Bool?

  public init(
    agentId: String? = nil,
    includePlugins: Bool? = nil
  ) {
    self.agentId = agentId
    self.includePlugins = includePlugins
  }
}

public struct ToolsCatalogResult: Codable, Sendable, Equatable {
  public var agentId: String
  public var profiles: [Profiles]
  public var groups: [Groups]

  public struct Profiles: Codable, Sendable, Equatable {
    public var id: String
    public var label: String

    public init(
      id: String,
      label: String
    ) {
      self.id = id
      self.label = label
    }
  }

  public struct Groups: Codable, Sendable, Equatable {
    public var id: String
    public var label: String
    public var source: Source
    public var tools: [Tools]

    public enum Source: String, Codable, Sendable, Equatable, CaseIterable {
      case core
    }

    public struct Tools: Codable, Sendable, Equatable {
      public var id: String
      public var label: String
      public var description: String
      public var params: JSONValue

      public init(
        id: String,
        label: String,
        description: String,
        params: JSONValue
      ) {
        self.id = id
        self.label = label
        self.description = description
        self.params = params
      }
    }

    public init(
      id: String,
      label: String,
      source: Source = .core,
      tools: [Tools]
    ) {
      self.id = id
      self.label = label
      self.source = source
      self.tools = tools
    }
  }

  public init(
    agentId: String,
    profiles: [Profiles],
    groups: [Groups]
  ) {
    self.agentId = agentId
    self.profiles = profiles
    self.groups = groups
  }
}

// MARK: tools.explain (operator.read)

public struct ToolsExplainParams: Codable, Sendable, Equatable {
  public var tool: String
  public var args: [String: JSONValue]
  public var sessionKey: String?

  public init(
    tool: String,
    args: [String: JSONValue],
    sessionKey: String? = nil
  ) {
    self.tool = tool
    self.args = args
    self.sessionKey = sessionKey
  }
}

public struct ToolsExplainResult: Codable, Sendable, Equatable {
  public var level: Int
  public var decision: Decision
  public var reason: String
  public var rule: String?

  public enum Decision: String, Codable, Sendable, Equatable, CaseIterable {
    case allow
    case ask
    case deny
  }

  public init(
    level: Int,
    decision: Decision,
    reason: String,
    rule: String? = nil
  ) {
    self.level = level
    self.decision = decision
    self.reason = reason
    self.rule = rule
  }
}

// MARK: tools.invoke (operator.write)

public struct ToolsInvokeParams: Codable, Sendable, Equatable {
  public var name: String
  public var args: [String: JSONValue]?
  public var sessionKey: String?
  public var agentId: String?
  public var confirm: Bool?
  public var idempotencyKey: String?

  public init(
    name: String,
    args: [String: JSONValue]? = nil,
    sessionKey: String? = nil,
    agentId: String? = nil,
    confirm: Bool? = nil,
    idempotencyKey: String? = nil
  ) {
    self.name = name
    self.args = args
    self.sessionKey = sessionKey
    self.agentId = agentId
    self.confirm = confirm
    self.idempotencyKey = idempotencyKey
  }
}

public struct ToolsInvokeResult: Codable, Sendable, Equatable {
  public var ok: Bool
  public var toolName: String
  public var output: String?
  public var requiresApproval: Bool?
  public var approvalId: String?
  public var source: String?
  public var error: ErrorValue?

  public struct ErrorValue: Codable, Sendable, Equatable {
    public var code: String
    public var message: String

    public init(
      code: String,
      message: String
    ) {
      self.code = code
      self.message = message
    }
  }

  public init(
    ok: Bool,
    toolName: String,
    output: String? = nil,
    requiresApproval: Bool? = nil,
    approvalId: String? = nil,
    source: String? = nil,
    error: ErrorValue? = nil
  ) {
    self.ok = ok
    self.toolName = toolName
    self.output = output
    self.requiresApproval = requiresApproval
    self.approvalId = approvalId
    self.source = source
    self.error = error
  }
}

// MARK: usage.cost (operator.read)

public struct UsageCostParams: Codable, Sendable, Equatable {
  public var days: Int?
  public var sessionKey: String?

  public init(
    days: Int? = nil,
    sessionKey: String? = nil
  ) {
    self.days = days
    self.sessionKey = sessionKey
  }
}

public struct UsageCostResult: Codable, Sendable, Equatable {
  public var updatedAt: Int
  public var days: Int
  public var daily: [Daily]
  public var byModel: [ByModel]
  public var totals: Totals

  public struct Daily: Codable, Sendable, Equatable {
    public var date: String
    public var totals: Totals

    public struct Totals: Codable, Sendable, Equatable {
      public var requests: Int
      public var input: Int
      public var output: Int
      public var cacheRead: Int
      public var cacheWrite: Int
      public var totalTokens: Int
      public var totalCost: Double
      public var missingCostEntries: Int

      public init(
        requests: Int,
        input: Int,
        output: Int,
        cacheRead: Int,
        cacheWrite: Int,
        totalTokens: Int,
        totalCost: Double,
        missingCostEntries: Int
      ) {
        self.requests = requests
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.totalTokens = totalTokens
        self.totalCost = totalCost
        self.missingCostEntries = missingCostEntries
      }
    }

    public init(
      date: String,
      totals: Totals
    ) {
      self.date = date
      self.totals = totals
    }
  }

  public struct ByModel: Codable, Sendable, Equatable {
    public var model: String
    public var totals: Totals

    public struct Totals: Codable, Sendable, Equatable {
      public var requests: Int
      public var input: Int
      public var output: Int
      public var cacheRead: Int
      public var cacheWrite: Int
      public var totalTokens: Int
      public var totalCost: Double
      public var missingCostEntries: Int

      public init(
        requests: Int,
        input: Int,
        output: Int,
        cacheRead: Int,
        cacheWrite: Int,
        totalTokens: Int,
        totalCost: Double,
        missingCostEntries: Int
      ) {
        self.requests = requests
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.totalTokens = totalTokens
        self.totalCost = totalCost
        self.missingCostEntries = missingCostEntries
      }
    }

    public init(
      model: String,
      totals: Totals
    ) {
      self.model = model
      self.totals = totals
    }
  }

  public struct Totals: Codable, Sendable, Equatable {
    public var requests: Int
    public var input: Int
    public var output: Int
    public var cacheRead: Int
    public var cacheWrite: Int
    public var totalTokens: Int
    public var totalCost: Double
    public var missingCostEntries: Int

    public init(
      requests: Int,
      input: Int,
      output: Int,
      cacheRead: Int,
      cacheWrite: Int,
      totalTokens: Int,
      totalCost: Double,
      missingCostEntries: Int
    ) {
      self.requests = requests
      self.input = input
      self.output = output
      self.cacheRead = cacheRead
      self.cacheWrite = cacheWrite
      self.totalTokens = totalTokens
      self.totalCost = totalCost
      self.missingCostEntries = missingCostEntries
    }
  }

  public init(
    updatedAt: Int,
    days: Int,
    daily: [Daily],
    byModel: [ByModel],
    totals: Totals
  ) {
    self.updatedAt = updatedAt
    self.days = days
    self.daily = daily
    self.byModel = byModel
    self.totals = totals
  }
}

// MARK: usage.status (operator.read)

public struct UsageStatusParams: Codable, Sendable, Equatable {
  public init() {}
}

public struct UsageStatusResult: Codable, Sendable, Equatable {
  public var updatedAt: Int
  public var providers: [JSONValue]
  public var today: Today

  public struct Today: Codable, Sendable, Equatable {
    public var requests: Int
    public var input: Int
    public var output: Int
    public var cacheRead: Int
    public var cacheWrite: Int
    public var totalTokens: Int
    public var totalCost: Double
    public var missingCostEntries: Int

    public init(
      requests: Int,
      input: Int,
      output: Int,
      cacheRead: Int,
      cacheWrite: Int,
      totalTokens: Int,
      totalCost: Double,
      missingCostEntries: Int
    ) {
      self.requests = requests
      self.input = input
      self.output = output
      self.cacheRead = cacheRead
      self.cacheWrite = cacheWrite
      self.totalTokens = totalTokens
      self.totalCost = totalCost
      self.missingCostEntries = missingCostEntries
    }
  }

  public init(
    updatedAt: Int,
    providers: [JSONValue],
    today: Today
  ) {
    self.updatedAt = updatedAt
    self.providers = providers
    self.today = today
  }
}

// MARK: web.login.start (operator.admin)

public struct WebLoginStartParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?
  public var phone: String?
  public var force: Bool?
  public var verbose: Bool?
  public var timeoutMs: Int?

  public init(
    channel: String? = nil,
    accountId: String? = nil,
    phone: String? = nil,
    force: Bool? = nil,
    verbose: Bool? = nil,
    timeoutMs: Int? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.phone = phone
    self.force = force
    self.verbose = verbose
    self.timeoutMs = timeoutMs
  }
}

public struct WebLoginStartResult: Codable, Sendable, Equatable {
  public var connected: Bool?
  public var qrDataUrl: String?
  public var qr: String?
  public var code: String?
  public var expiresAtMs: Int?
  public var message: String?

  public init(
    connected: Bool? = nil,
    qrDataUrl: String? = nil,
    qr: String? = nil,
    code: String? = nil,
    expiresAtMs: Int? = nil,
    message: String? = nil
  ) {
    self.connected = connected
    self.qrDataUrl = qrDataUrl
    self.qr = qr
    self.code = code
    self.expiresAtMs = expiresAtMs
    self.message = message
  }
}

// MARK: web.login.wait (operator.admin)

public struct WebLoginWaitParams: Codable, Sendable, Equatable {
  public var channel: String?
  public var accountId: String?
  public var timeoutMs: Int?
  public var currentQrDataUrl: String?

  public init(
    channel: String? = nil,
    accountId: String? = nil,
    timeoutMs: Int? = nil,
    currentQrDataUrl: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.timeoutMs = timeoutMs
    self.currentQrDataUrl = currentQrDataUrl
  }
}

public struct WebLoginWaitResult: Codable, Sendable, Equatable {
  public var connected: Bool
  public var message: String?

  public init(
    connected: Bool,
    message: String? = nil
  ) {
    self.connected = connected
    self.message = message
  }
}

// MARK: event channels.login (operator.admin)

public struct ChannelsLoginEvent: Codable, Sendable, Equatable {
  public var channel: String
  public var accountId: String
  public var state: State
  public var qrDataUrl: String?
  public var qr: String?
  public var code: String?
  public var expiresAtMs: Int?
  public var message: String?

  public enum State: String, Codable, Sendable, Equatable, CaseIterable {
    case qr
    case code
    case linked
    case failed
  }

  public init(
    channel: String,
    accountId: String,
    state: State,
    qrDataUrl: String? = nil,
    qr: String? = nil,
    code: String? = nil,
    expiresAtMs: Int? = nil,
    message: String? = nil
  ) {
    self.channel = channel
    self.accountId = accountId
    self.state = state
    self.qrDataUrl = qrDataUrl
    self.qr = qr
    self.code = code
    self.expiresAtMs = expiresAtMs
    self.message = message
  }
}

// MARK: event channels.pairing (operator.pairing)

public struct ChannelsPairingEvent: Codable, Sendable, Equatable {
  public var state: State
  public var request: Request

  public enum State: String, Codable, Sendable, Equatable, CaseIterable {
    case requested
    case approved
    case dismissed
    case expired
  }

  public struct Request: Codable, Sendable, Equatable {
    public var requestId: String
    public var channel: String
    public var accountId: String
    public var senderId: String
    public var senderName: String?
    public var code: String
    public var createdAtMs: Int
    public var expiresAtMs: Int
    public var waiting: Int

    public init(
      requestId: String,
      channel: String,
      accountId: String,
      senderId: String,
      senderName: String? = nil,
      code: String,
      createdAtMs: Int,
      expiresAtMs: Int,
      waiting: Int
    ) {
      self.requestId = requestId
      self.channel = channel
      self.accountId = accountId
      self.senderId = senderId
      self.senderName = senderName
      self.code = code
      self.createdAtMs = createdAtMs
      self.expiresAtMs = expiresAtMs
      self.waiting = waiting
    }
  }

  public init(
    state: State,
    request: Request
  ) {
    self.state = state
    self.request = request
  }
}

// MARK: event channels.status (operator.read)

public struct ChannelsStatusEvent: Codable, Sendable, Equatable {
  public var channel: String
  public var account: Account

  public struct Account: Codable, Sendable, Equatable {
    public var accountId: String
    public var state: State
    public var since: Int
    public var reason: String?
    public var identity: String?
    public var lastInboundAtMs: Int?
    public var lastOutboundAtMs: Int?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case connecting
      case connected
      case degraded
      case disconnected
      case error
      case disabled
    }

    public init(
      accountId: String,
      state: State,
      since: Int,
      reason: String? = nil,
      identity: String? = nil,
      lastInboundAtMs: Int? = nil,
      lastOutboundAtMs: Int? = nil
    ) {
      self.accountId = accountId
      self.state = state
      self.since = since
      self.reason = reason
      self.identity = identity
      self.lastInboundAtMs = lastInboundAtMs
      self.lastOutboundAtMs = lastOutboundAtMs
    }
  }

  public init(
    channel: String,
    account: Account
  ) {
    self.channel = channel
    self.account = account
  }
}

// MARK: event config.changed (operator.read)

public struct ConfigChangedEvent: Codable, Sendable, Equatable {
  public var hash: String
  public var changedPaths: [String]
  public var issues: [String]

  public init(
    hash: String,
    changedPaths: [String],
    issues: [String]
  ) {
    self.hash = hash
    self.changedPaths = changedPaths
    self.issues = issues
  }
}

// MARK: event connect.challenge (none)

public struct ConnectChallengeEvent: Codable, Sendable, Equatable {
  public var nonce: String
  public var ts: Int

  public init(
    nonce: String,
    ts: Int
  ) {
    self.nonce = nonce
    self.ts = ts
  }
}

// MARK: event device.pair.requested (operator.pairing)

public struct DevicePairRequestedEvent: Codable, Sendable, Equatable {
  public var requestId: String
  public var deviceId: String
  public var displayName: String?
  public var platform: String?
  public var role: String
  public var scopes: [String]
  public var ts: Int

  public init(
    requestId: String,
    deviceId: String,
    displayName: String? = nil,
    platform: String? = nil,
    role: String,
    scopes: [String],
    ts: Int
  ) {
    self.requestId = requestId
    self.deviceId = deviceId
    self.displayName = displayName
    self.platform = platform
    self.role = role
    self.scopes = scopes
    self.ts = ts
  }
}

// MARK: event device.pair.resolved (operator.pairing)

public struct DevicePairResolvedEvent: Codable, Sendable, Equatable {
  public var requestId: String
  public var deviceId: String
  public var decision: Decision
  public var ts: Int

  public enum Decision: String, Codable, Sendable, Equatable, CaseIterable {
    case approved
    case rejected
    case expired
  }

  public init(
    requestId: String,
    deviceId: String,
    decision: Decision,
    ts: Int
  ) {
    self.requestId = requestId
    self.deviceId = deviceId
    self.decision = decision
    self.ts = ts
  }
}

// MARK: event exec.approval.requested (operator.approvals)

public typealias ExecApprovalRequestedEvent = Approval

// MARK: event exec.approval.resolved (operator.approvals)

public struct ExecApprovalResolvedEvent: Codable, Sendable, Equatable {
  public var id: String
  public var decision: Nullable<ApprovalDecision>
  public var outcome: ApprovalOutcome
  public var resolvedBy: String
  public var ts: Int

  public init(
    id: String,
    decision: Nullable<ApprovalDecision>,
    outcome: ApprovalOutcome,
    resolvedBy: String,
    ts: Int
  ) {
    self.id = id
    self.decision = decision
    self.outcome = outcome
    self.resolvedBy = resolvedBy
    self.ts = ts
  }
}

// MARK: event health (none)

public typealias HealthEvent = JSONValue

// MARK: event outbox.changed (operator.read)

public struct OutboxChangedEvent: Codable, Sendable, Equatable {
  public var item: Item

  public struct Item: Codable, Sendable, Equatable {
    public var id: String
    public var channel: String
    public var accountId: String
    public var to: String
    public var toName: String?
    public var state: State
    public var text: String
    public var attempts: Int
    public var error: String?
    public var createdAtMs: Int
    public var nextAttemptAtMs: Int?
    public var sentAtMs: Int?
    public var sessionKey: String?

    public enum State: String, Codable, Sendable, Equatable, CaseIterable {
      case queued
      case sending
      case sent
      case failed
      case cancelled
      case expired
      case mayHaveBeenSent = "may-have-been-sent"
    }

    public init(
      id: String,
      channel: String,
      accountId: String,
      to: String,
      toName: String? = nil,
      state: State,
      text: String,
      attempts: Int,
      error: String? = nil,
      createdAtMs: Int,
      nextAttemptAtMs: Int? = nil,
      sentAtMs: Int? = nil,
      sessionKey: String? = nil
    ) {
      self.id = id
      self.channel = channel
      self.accountId = accountId
      self.to = to
      self.toName = toName
      self.state = state
      self.text = text
      self.attempts = attempts
      self.error = error
      self.createdAtMs = createdAtMs
      self.nextAttemptAtMs = nextAttemptAtMs
      self.sentAtMs = sentAtMs
      self.sessionKey = sessionKey
    }
  }

  public init(
    item: Item
  ) {
    self.item = item
  }
}

// MARK: event presence (none)

public struct PresenceEvent: Codable, Sendable, Equatable {
  public var presence: [PresenceEntry]

  public init(
    presence: [PresenceEntry]
  ) {
    self.presence = presence
  }
}

// MARK: event session.message (operator.read)

public struct SessionMessageEvent: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var message: Message

  public init(
    sessionKey: String,
    message: Message
  ) {
    self.sessionKey = sessionKey
    self.message = message
  }
}

// MARK: event sessions.changed (operator.read)

public struct SessionsChangedEvent: Codable, Sendable, Equatable {
  public var sessionKey: String
  public var reason: Reason

  public enum Reason: String, Codable, Sendable, Equatable, CaseIterable {
    case created
    case updated
    case reset
    case deleted
  }

  public init(
    sessionKey: String,
    reason: Reason
  ) {
    self.sessionKey = sessionKey
    self.reason = reason
  }
}

// MARK: event shutdown (none)

public struct ShutdownEvent: Codable, Sendable, Equatable {
  public var reason: String
  public var restartExpectedMs: Int?

  public init(
    reason: String,
    restartExpectedMs: Int? = nil
  ) {
    self.reason = reason
    self.restartExpectedMs = restartExpectedMs
  }
}

// MARK: event tick (none)

public struct TickEvent: Codable, Sendable, Equatable {
  public var ts: Int

  public init(
    ts: Int
  ) {
    self.ts = ts
  }
}
