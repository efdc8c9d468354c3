//! All simulators in one program, at one address, each under the name of its system.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use crate::accountview::AccountView;
use crate::amazon::Amazon;
use crate::control::Preset;
use crate::emag::{Emag, FashionDays};
use crate::exact;
use crate::fakturownia::Fakturownia;
use crate::fakturowo::Fakturowo;
use crate::firmao::Firmao;
use crate::ifirma::Ifirma;
use crate::infakt::Infakt;
use crate::mailbox::{self, Listener};
use crate::multivers::{BoekhoudGemak, Multivers};
use crate::page::{Field, Page};
use crate::persist::Keeper;
use crate::server::Server;
use crate::ses::Ses;
use crate::snelstart::Snelstart;
use crate::stand;
use crate::twinfield::Twinfield;
use crate::wfirma::Wfirma;

/// Every simulator there is: the only list.
const SIMULATORS: &[fn(&Setup) -> io::Result<Mounted>] = &[
    exact::mount,
    stand::mount::<Snelstart>,
    stand::mount::<Twinfield>,
    stand::mount::<AccountView>,
    stand::mount::<Multivers>,
    stand::mount::<BoekhoudGemak>,
    stand::mount::<Wfirma>,
    stand::mount::<Fakturownia>,
    stand::mount::<Ifirma>,
    stand::mount::<Firmao>,
    stand::mount::<Infakt>,
    stand::mount::<Fakturowo>,
    stand::mount::<Amazon>,
    stand::mount::<Emag>,
    stand::mount::<FashionDays>,
    stand::mount::<Ses>,
    mailbox::mount,
];

/// How the program starts.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The port on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// The port on which the mailbox takes mails; 0 takes a free one, none takes no mails.
    pub smtp_port: Option<u16>,
    /// Where each simulator keeps a file with its books. Books found there take the place of the seed.
    pub state_folder: Option<PathBuf>,
    /// What they hold at first.
    pub seed: Preset,
    /// Another limit of calls in a minute at Exact Online.
    pub calls_per_minute: Option<u32>,
    /// Another limit of calls in a day at Exact Online.
    pub calls_per_day: Option<u32>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            port: 0,
            smtp_port: None,
            state_folder: None,
            seed: Preset::Demo,
            calls_per_minute: None,
            calls_per_day: None,
        }
    }
}

impl Setup {
    /// Where a system's simulator keeps its books.
    pub(crate) fn state_file(&self, system: &str) -> Option<PathBuf> {
        self.state_folder.as_ref().map(|folder| folder.join(format!("{system}.json")))
    }
}

/// Under which path a system's simulator stands, as long as the program runs; it starts once.
pub(crate) fn path(system: &str) -> &'static str {
    format!("/{system}").leak()
}

/// A simulator in the program.
pub struct Mounted {
    pub(crate) system: &'static str,
    pub(crate) title: &'static str,
    pub(crate) router: Router,
    pub(crate) keeper: Option<Keeper>,
    /// What listens beside HTTP.
    pub(crate) listener: Option<Listener>,
}

/// All simulators, running. They stop when this is dropped; [`stop`](Self::stop) also keeps their books.
pub struct Program {
    server: Server,
    names: Vec<(&'static str, &'static str)>,
    keepers: Vec<Keeper>,
    mailbox: Option<Listener>,
}

impl Program {
    /// Starts all simulators. Fails when the port is taken or a file can't be read.
    pub async fn start(setup: &Setup) -> io::Result<Self> {
        let (mut router, mut names, mut keepers, mut mailbox) = (Router::new(), Vec::new(), Vec::new(), None);
        for mount in SIMULATORS {
            let mounted = mount(setup)?;
            router = router.nest_service(&format!("/{}", mounted.system), mounted.router);
            names.push((mounted.system, mounted.title));
            keepers.extend(mounted.keeper);
            mailbox = mailbox.or(mounted.listener);
        }
        let index = index(&names);
        let router = router.route("/", get(async move || Html(index)));
        Ok(Self { server: Server::serve(setup.port, router).await?, names, keepers, mailbox })
    }

    /// Name and address of each.
    pub fn addresses(&self) -> impl Iterator<Item = (&'static str, String)> {
        let address = self.server.address();
        self.names.iter().map(move |(system, title)| (*title, format!("http://{address}/{system}")))
    }

    /// Where the mailbox takes mails, when it does.
    pub fn mailbox(&self) -> Option<SocketAddr> {
        self.mailbox.as_ref().map(Listener::address)
    }

    /// Stops, and keeps the books when a folder was given.
    pub async fn stop(self) -> io::Result<()> {
        drop(self.mailbox);
        self.server.stop().await;
        self.keepers.iter().try_for_each(Keeper::finish)
    }
}

/// The page that leads to each.
fn index(names: &[(&'static str, &'static str)]) -> String {
    let mut page = Page::new("Simulators");
    let link =
        |(system, title): &(&str, &str)| vec![Field::Links(vec![(format!("/{system}/_sim"), (*title).to_owned())])];
    page.table(&["System"], &names.iter().map(link).collect::<Vec<_>>());
    page.finish()
}
